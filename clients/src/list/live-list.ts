/** A row of a list as the caller keeps it, with the cursor of its place. The last row of a page must have one. */
export interface Row {
  readonly cursor?: string | undefined;
  /** How often `totalCount` counts it: once for each key that sees it (`Job.keys`). @default 1 */
  readonly weight?: number | undefined;
}

/** One page of a list, as the gateway gave it. */
export interface ListPage<R extends Row> {
  readonly rows: readonly R[];
  readonly hasNextPage: boolean;
  /** `JobConnection.fetchedAt`. Without it, an older first page that arrives late is not told from a newer one. */
  readonly fetchedAt?: string | undefined;
  /** `JobConnection.totalCount`. Of a first page, it tells whether jobs came or went behind it. */
  readonly totalCount?: number | undefined;
  /** The labels of the keys that answered, and of those that failed: from `sources { key error { code } }`. */
  readonly answered?: readonly string[] | undefined;
  readonly failed?: readonly string[] | undefined;
}

/**
 * What is known of a list: its beginning, and what lies behind it as it was when it was read. It is plain data and
 * never changes: each function gives a new one.
 */
export interface LiveList<R extends Row> {
  readonly rows: readonly R[];
  /**
   * The keys of the rows behind which rows may be missing. The last row is one of them where the list goes on; any
   * other one is a gap. The empty key is the place before the first row.
   */
  readonly open: readonly string[];
  /** The keys of the rows that must be read again before one relies on what is between them. */
  readonly unsure: readonly string[];
  /** The labels of the keys that failed when some of the rows were read. */
  readonly failed: readonly string[];
  /**
   * How often the list was to be read again (`recheck`). A page that was asked for before that may be from before the
   * change: whoever can tell has it read again, too, and leaves it out if it is the last one.
   */
  readonly rechecks: number;
  /** How many jobs must be in the gaps, as `totalCount` counts them: undefined while the list is read again. */
  readonly inGaps: number | undefined;
  /** The newest first page. */
  readonly head: Head | null;
}

/** What is kept of a first page. */
export interface Head {
  readonly fetchedAt: string | undefined;
  /** The labels of the keys that answered. */
  readonly answered: readonly string[];
  /** How many rows it has. */
  readonly length: number;
  readonly totalCount: number | undefined;
}

/** A list of which nothing is known. */
export const emptyList: LiveList<never> = {
  rows: [],
  open: [''],
  unsure: [],
  failed: [],
  rechecks: 0,
  inGaps: 0,
  head: null,
};
