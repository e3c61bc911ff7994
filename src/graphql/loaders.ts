import DataLoader from 'dataloader';
import type { ApiKey, Credential } from '../auth/api-key.ts';
import type { FetchedJob, JobView, ListPage, ReadPage } from '../jobs/list-page.ts';
import type { Clock } from '../lib/clock.ts';
import type { Tracing } from '../lib/tracing.ts';
import { OperationBudget } from '../store/admission/operation-budget.ts';
import { type FindOptions, findJob } from '../store/find-job.ts';
import type { JobStore, PageQuery } from '../store/job-store.ts';
import type { ReadScope } from '../store/read-scope.ts';
import type { ListFilter } from '../upstream/job-list.ts';

/** What the fields of one operation read through, so that none of them asks twice. New for each request. */
export interface Loaders {
  /**
   * The job with this name, under whichever of the request's keys may see it.
   *
   * @throws {KeysFailedError} where none may.
   */
  readonly job: (qrn: string) => Promise<JobView>;

  /** What reads the pages of one key's filtered list. */
  readonly pages: (credential: Credential, filter: ListFilter) => ReadPage;
}

/** What an operation asks of all its reads. */
export interface LoaderOptions extends Omit<ReadScope, 'operationBudget' | 'mayBeStale'> {
  readonly clock: Pick<Clock, 'schedule'>;
  /** How many upstream requests the operation may cause for each key. */
  readonly maxUpstreamRequests: number;
  readonly tracing: Tracing;
}

/** Makes the loaders of a request with these keys. */
export function createLoaders(
  store: JobStore,
  credentials: readonly Credential[],
  options: LoaderOptions,
): Loaders {
  return new OperationLoaders(store, credentials, options);
}

class OperationLoaders implements Loaders {
  readonly #store: JobStore;
  readonly #credentials: readonly Credential[];
  readonly #options: LoaderOptions;
  readonly #ofKeys = new Map<Credential, KeyLoaders>();
  readonly #jobs = new Map<string, Promise<JobView>>();

  constructor(store: JobStore, credentials: readonly Credential[], options: LoaderOptions) {
    this.#store = store;
    this.#credentials = credentials;
    this.#options = options;
  }

  job(qrn: string): Promise<JobView> {
    const known = this.#jobs.get(qrn);
    if (known !== undefined) return known;
    const job = findJob(qrn, {
      credentials: this.#credentials,
      lastToSee: this.#lastToSee,
      readJob: this.#readJob,
      clock: this.#options.clock,
    });
    this.#jobs.set(qrn, job);
    return job;
  }

  pages(credential: Credential, filter: ListFilter): ReadPage {
    return (page, since) => this.#of(credential).pages.load({ filter, page, since });
  }

  readonly #lastToSee: FindOptions['lastToSee'] = (credentials, qrn) => {
    const look = () => this.#store.lastToSee(credentials, qrn);
    const late = this.#store.catchUp(credentials.map(({ key }) => key));
    return late === null ? look() : late.then(look);
  };

  readonly #readJob: FindOptions['readJob'] = (qrn, credential, mayBeStale) => {
    const { anyJobs, currentJobs } = this.#of(credential);
    return (mayBeStale ? anyJobs : currentJobs).load(qrn);
  };

  #of(credential: Credential): KeyLoaders {
    const known = this.#ofKeys.get(credential);
    if (known !== undefined) return known;
    if (!this.#credentials.includes(credential))
      throw new RangeError(`The request has no key ${JSON.stringify(credential.label)}.`);
    const loaders = new KeyLoaders(this.#store, credential.key, this.#options);
    this.#ofKeys.set(credential, loaders);
    return loaders;
  }
}

/** What reads with one key, all fields together. Each loader is made when it is first used. */
class KeyLoaders {
  readonly #store: JobStore;
  readonly #key: ApiKey;
  readonly #options: LoaderOptions;
  readonly #budget: OperationBudget;
  #currentJobs: DataLoader<string, FetchedJob> | null = null;
  #anyJobs: DataLoader<string, FetchedJob> | null = null;
  #pages: DataLoader<PageQuery, ListPage, string> | null = null;

  constructor(store: JobStore, key: ApiKey, options: LoaderOptions) {
    this.#store = store;
    this.#key = key;
    this.#options = options;
    this.#budget = new OperationBudget(options.maxUpstreamRequests);
  }

  get currentJobs(): DataLoader<string, FetchedJob> {
    this.#currentJobs ??= this.#openJobs(false);
    return this.#currentJobs;
  }

  get anyJobs(): DataLoader<string, FetchedJob> {
    this.#anyJobs ??= this.#openJobs(true);
    return this.#anyJobs;
  }

  get pages(): DataLoader<PageQuery, ListPage, string> {
    this.#pages ??= this.#openPages();
    return this.#pages;
  }

  #openJobs(mayBeStale: boolean): DataLoader<string, FetchedJob> {
    const scope = this.#toScope(mayBeStale);
    return new DataLoader((qrns) =>
      this.#follow('load jobs', qrns.length, () => this.#store.getJobs(this.#key, qrns, scope)),
    );
  }

  #openPages(): DataLoader<PageQuery, ListPage, string> {
    const scope = this.#toScope(true);
    return new DataLoader(
      (queries) =>
        this.#follow('load pages', queries.length, () => this.#store.listJobs(this.#key, queries, scope)),
      { cacheKeyFn: JSON.stringify },
    );
  }

  #follow<T>(what: string, size: number, load: () => Promise<T>): Promise<T> {
    return this.#options.tracing.span(what, { attributes: { 'graphql.batch.size': size } }, load);
  }

  // Name by name: to spread the options takes V8 longer than to look a job up.
  #toScope(mayBeStale: boolean): ReadScope {
    const { startedSeq, mustBeFresh, maxAgeMs, staleIfErrorMs, client, requestId, deadline } = this.#options;
    const { onlyIfCached, markStale, noteFreshUntil, observe } = this.#options;
    return {
      startedSeq,
      mustBeFresh,
      maxAgeMs,
      onlyIfCached,
      mayBeStale,
      staleIfErrorMs,
      operationBudget: this.#budget,
      client,
      requestId,
      deadline,
      markStale,
      noteFreshUntil,
      observe,
    };
  }
}
