import type { Credential } from '../auth/api-key.ts';
import { withdrawalOf } from '../auth/withdrawal-of.ts';
import type { Seq } from '../jobs/seq.ts';
import type { Abandonment } from '../lib/abandonment.ts';
import { ChangeWatch } from '../store/change-watch.ts';
import type { JobStore } from '../store/job-store.ts';
import type { LoaderOptions, Loaders } from './loaders.ts';
import { RefusalWatch } from './refusal-watch.ts';

/** How a subscription polls. */
export interface PollOptions
  extends Pick<LoaderOptions, 'maxAgeMs' | 'onlyIfCached' | 'deadline' | 'failures'> {
  /** What was read since then is fresh. @default now */
  readonly since?: Seq | undefined;
}

/** What an operation reads with: the keys of its request, and the loaders that read with them. */
export interface Session {
  readonly credentials: readonly Credential[];
  /** Where the keys came from: see `ReadScope.client`. */
  readonly client: string;
  /** What the operation, or the event, reads through. */
  readonly loaders: Loaders;
  /** Opens loaders with an operation budget of their own, for the next poll of a subscription. */
  readonly openLoaders: (options: PollOptions) => Loaders;
  /** Aborts when the key ring of the request is withdrawn; null where it uses none. */
  readonly withdrawal: Abandonment | null;
  /** The keys that were refused while the operation ran. */
  readonly refusals: RefusalWatch;
  /** Whether anything was read with the keys since the operation, or its event, began. */
  readonly changes: ChangeWatch;
  /** How many requests a key has left. Sends nothing. */
  readonly budgetOf: JobStore['budgetOf'];
  /** Brings what other processes have read with keys into the cache: see `JobStore.catchUp`. */
  readonly catchUp: JobStore['catchUp'];
}

export interface SessionParts extends Pick<Session, 'client'> {
  readonly store: JobStore;
  /** Opens loaders for the operation, or for the event that has begun last. */
  readonly open: () => Loaders;
  readonly openForPoll: Session['openLoaders'];
}

/** An open stream holds one until its next event, and mostly never reads: what it may not need is made when it is asked for. */
export class OperationSession implements Session {
  readonly credentials: readonly Credential[];
  readonly client: string;
  readonly withdrawal: Abandonment | null;
  readonly refusals: RefusalWatch;
  readonly openLoaders: Session['openLoaders'];
  changes: ChangeWatch;
  readonly #store: JobStore;
  readonly #open: () => Loaders;
  #loaders: Loaders | null = null;

  constructor(credentials: readonly Credential[], { store, client, open, openForPoll }: SessionParts) {
    this.credentials = credentials;
    this.client = client;
    this.withdrawal = withdrawalOf(credentials);
    this.refusals = new RefusalWatch(store, credentials);
    this.openLoaders = openForPoll;
    this.#store = store;
    this.#open = open;
    this.changes = new ChangeWatch(store, credentials);
  }

  get loaders(): Loaders {
    this.#loaders ??= this.#open();
    return this.#loaders;
  }

  get budgetOf(): Session['budgetOf'] {
    return this.#store.budgetOf;
  }

  get catchUp(): Session['catchUp'] {
    return this.#store.catchUp;
  }

  /** Begins the next event of a subscription. */
  begin(): void {
    this.forgetLoaders();
    this.changes = new ChangeWatch(this.#store, this.credentials);
  }

  /** What was read until now is read anew, as far as it is not cached. */
  forgetLoaders(): void {
    this.#loaders = null;
  }
}
