/** A row of a list as the caller keeps it, with the cursor of its place. The last row of a page must have one. */
export interface Row {
  readonly cursor?: string | undefined;
}

/** One page of a list, as the gateway gave it. */
export interface ListPage<R extends Row> {
  readonly rows: readonly R[];
  readonly hasNextPage: boolean;
  /** `JobConnection.fetchedAt`. Without it, an older first page that arrives late is not told from a newer one. */
  readonly fetchedAt?: string | undefined;
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
  /** When the newest first page was read, and the labels of the keys that answered then. */
  readonly head: { readonly fetchedAt: string; readonly answered: readonly string[] } | null;
}

/** A list of which nothing is known. */
export const emptyList: LiveList<never> = { rows: [], open: [''], unsure: [], failed: [], head: null };
