/**
 * What the replicas of a fleet share, seen from one of them: for each API key an account, a ledger of the requests sent, a log of
 * readings, and the requests under way (claims). One implementation speaks to Redis or Valkey, another one is for tests.
 *
 * Keys, subjects and replicas have opaque names here, and readings and errors are sealed texts: whoever sees what goes
 * through a link learns nothing of jobs and keys. All names and sealed texts are of the letters `A-Z a-z 0-9 - _`.
 *
 * Times are milliseconds of the server's clock (`…Ms`), or logical time (`…Seq`): milliseconds × 1024 and a count, so
 * that they compare with `Seq`. The logical time of a key never comes twice and never goes back, whatever its clock does.
 */
export interface FleetLink {
  /**
   * Whether the server answers: connected, no command late within the last second, its clock near ours, nothing to heal.
   * While it is not, every command rejects at once.
   */
  readonly isUp: boolean;

  /** The server's clock now, in milliseconds, as far as this replica can tell. Its own clock before the first contact. */
  nowMs(): number;

  /** Asks whether a request may be sent: claims and counts it if so. */
  ask(name: string, question: Question): Promise<Reply>;

  /** Notes that a request was answered, and shares the reading. */
  land(name: string, landing: Landing): Promise<Landed>;

  /** Notes that a request failed, or was refused. */
  fail(name: string, failure: Failure): Promise<void>;

  /** Keeps the claim of a request that is still under way for 3 s more. With `retry` it counts one more request. */
  renew(name: string, renewal: Renewal): Promise<'renewed' | 'lost' | 'spent'>;

  /** All that is known of a key: its account, its ledger, and the readings after `headSeq`. */
  pull(name: string, position: Position): Promise<KeyState>;

  /**
   * Adds what this replica knows of a key to what the server knows, which may have lost it: the requests of the ledger, the
   * partition where the server has none, a hold, and a gap. What the server has already is not added twice. Works while `isUp`
   * is false, if the server answers: see {@link onReconnect}.
   */
  heal(name: string, knowledge: Knowledge): Promise<void>;

  /**
   * Hears what other replicas do with a key (not what this one does), in their order, from when the promise resolves until
   * the returned function is called.
   */
  follow(name: string, onBell: (bell: Bell) => void): Promise<() => void>;

  /**
   * Whether nothing that other replicas do with followed keys can have been missed: the connection that
   * {@link follow} uses answered within the last two seconds or so. Each time this becomes false, all that is
   * followed must be pulled anew.
   */
  readonly isListening: boolean;

  /** Calls the listener whenever `isUp` or `isListening` changes. */
  onChange(listener: () => void): void;

  /**
   * Called before the link goes up after it was down, or where the server lost its data: everything that this replica knows
   * must be healed first. `isEmptied` tells that the server is another one than before, or has lost data: the link then
   * stays down for 5 s more, so that all replicas have healed before one asks.
   */
  onReconnect(listener: (isEmptied: boolean) => Promise<void>): void;

  close(): Promise<void>;
}

/** A part of a filtered list, or a job: what a request in flight answers for others as well. */
export interface Claim {
  /** The list without its span, or the job. Opaque. */
  readonly group: string;
  /** The places of the list from `start` up to, but without, `end`: 0 to 1 for a job. */
  readonly start: number;
  readonly end: number;
}

/** How far a replica has applied what was read with a key. */
export interface Position {
  /** The key's partition as this replica knows it: null before it knows any. */
  readonly partition: string | null;
  /** The logical time of the last reading that it applied, or of a gap: 0 for none. It is of the partition, where it knows one. */
  readonly headSeq: number;
}

/**
 * What a replica has missed. The log does not keep everything: a reading is too large, or came while the server was full or gone,
 * or was dropped to make room, or the server has lost it. A *gap* is the logical time of the last one of these. A replica whose
 * head is before it may have cached what is older than what others have shown by then.
 */
export interface Missed {
  /** All that the log has after the position's head: the oldest first. */
  readonly readings: readonly Reading[];
  /** The logical time of the last reading, whether the log has it or not: 0 for none. */
  readonly headSeq: number;
  /** 0 for none. One before the position's head was applied with what came after it. */
  readonly gapSeq: number;
}

/** What a replica wants to send with a key, and what it knows of that key. */
export interface Question extends Position {
  readonly claim: Claim;
  /** A request under way serves only if it was sent after then. */
  readonly sinceSeq: number;
  /** The latest logical time that this replica has seen, of any key: what it is given is later. */
  readonly floorSeq: number;
  /** The request in the ledger: unique in the fleet. It also is the token of the claim. */
  readonly request: string;
  /** The partition that the key gets if it has none. */
  readonly newPartition: string;
  /** How many requests the ledger may hold in a window, this one included. */
  readonly limit: number;
  readonly windowMs: number;
  /** Since when the replica has waited for others with this question: a failure after then is its answer. Null if it has not. */
  readonly waitingSinceMs: number | null;
  /** After then nobody waits for this reply: the server must not count the request. */
  readonly expiresMs: number;
}

/** The first that applies, in this order. */
export type Reply =
  /** Nobody answers a question that came too late. */
  | { readonly kind: 'expired' }
  /** The key was refused since: another partition holds now. Nothing read before may be shown. */
  | { readonly kind: 'moved'; readonly partition: string }
  /** The key was refused lately. */
  | { readonly kind: 'refused'; readonly error: string; readonly untilMs: number }
  /** A 429 holds the key. */
  | { readonly kind: 'held'; readonly untilMs: number }
  /** There is what the replica has not applied. */
  | ({ readonly kind: 'behind' } & Missed)
  /** A request that serves is under way until then, unless its claim is renewed. */
  | { readonly kind: 'wait'; readonly untilMs: number }
  /** The request that this one waited for has failed. */
  | { readonly kind: 'failed'; readonly error: string }
  /** The ledger is full until then. */
  | { readonly kind: 'spent'; readonly untilMs: number }
  /** It may be sent, and is counted. */
  | { readonly kind: 'go'; readonly partition: string; readonly askedSeq: number; readonly sentMs: number };

/** A reading as it is shared. */
export interface Reading {
  /** When the answer came, in logical time: its place in the log. */
  readonly readSeq: number;
  readonly readMs: number;
  readonly askedSeq: number;
  /** Of readings of one subject, those are kept that came after the newest one was asked for. Opaque. */
  readonly subject: string;
  readonly sealed: string;
  /** The request that brought it, in the ledger. */
  readonly sent: Sent;
}

/** A request in the ledger. */
export interface Sent {
  readonly request: string;
  readonly atMs: number;
}

/** A request that was answered, with its reading. */
export interface Landing {
  readonly partition: string;
  readonly claim: Claim;
  readonly subject: string;
  readonly askedSeq: number;
  /** Null where it is too large to be shared: then it only frees the claim. */
  readonly sealed: string | null;
  readonly floorSeq: number;
  readonly sent: Sent;
  /** After then the reading is too old to be put down as one of now. */
  readonly expiresMs: number;
}

/** `moved`: the key was refused meanwhile, and the reading is not shared. `expired`: it came too late. */
export type Landed =
  | {
      readonly kind: 'landed';
      readonly readSeq: number;
      readonly readMs: number;
      /** The logical time of the reading before it: 0 for none. A replica whose head is before it has missed something. */
      readonly previousSeq: number;
      /** Whether it stands in the log. False where the server is full, or where it was not to be shared: then it is a gap. */
      readonly isShared: boolean;
    }
  | { readonly kind: 'moved'; readonly partition: string }
  | { readonly kind: 'expired' };

/** A request that was not answered with a reading, and what that means for the key. */
export interface Failure {
  readonly partition: string;
  readonly claim: Claim;
  readonly sent: Sent;
  /** The sealed error, for those who wait for the request and for those who would repeat it. Null where it was given up. */
  readonly error: string | null;
  /** The subject that was asked for. */
  readonly subject: string;
  /** What it means for the key: nothing; a 429, after which it is held; a 401, after which all that was read with it is gone. */
  readonly meaning:
    | { readonly kind: 'none' }
    | { readonly kind: 'held'; readonly untilMs: number }
    | { readonly kind: 'refused'; readonly untilMs: number; readonly newPartition: string };
}

/** A request that is under way for longer than its claim holds. */
export interface Renewal {
  readonly partition: string;
  readonly claim: Claim;
  /** The token of the claim. */
  readonly request: string;
  /** Counts one more request, where the first one's connection was lost. */
  readonly retry: { readonly request: string; readonly limit: number; readonly windowMs: number } | null;
}

/** What a replica knows of a key that a server which lost its data must learn again. */
export interface Knowledge {
  readonly partition: string | null;
  readonly sent: readonly Sent[];
  readonly windowMs: number;
  readonly heldUntilMs: number | null;
  /** The last reading that this replica applied. Where the server has only earlier ones, it has lost some: that is a gap. */
  readonly headSeq: number;
  /** The latest logical time by which this replica has kept what is in no log: that is a gap, too. Null where it has not. */
  readonly keptSeq: number | null;
}

/** What the server knows of a key, with all that a replica missed. */
export interface KeyState extends Missed {
  /** Null where the server knows nothing of the key. */
  readonly partition: string | null;
  readonly refused: { readonly error: string; readonly untilMs: number } | null;
  readonly heldUntilMs: number | null;
  /** Whether the key was ever accepted. */
  readonly isProven: boolean;
  /** All requests of the ledger. */
  readonly sent: readonly Sent[];
}

/** What another replica did, and the request that it is about. */
export type Bell =
  /** `reading` is null where it is too large to be rung, or a gap: it has to be pulled. */
  | {
      readonly kind: 'landed';
      readonly partition: string;
      readonly previousSeq: number;
      readonly readSeq: number;
      readonly reading: Reading | null;
      readonly sent: Sent;
    }
  | {
      readonly kind: 'failed';
      readonly partition: string;
      readonly claim: Claim;
      readonly subject: string;
      readonly error: string | null;
      readonly sent: Sent;
    }
  | { readonly kind: 'held'; readonly untilMs: number; readonly sent: Sent }
  | {
      readonly kind: 'refused';
      readonly partition: string;
      readonly error: string;
      readonly untilMs: number;
      readonly sent: Sent;
    }
  /** Nobody can read it: what it told of has to be pulled. */
  | { readonly kind: 'unclear' };
