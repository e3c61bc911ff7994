import DataLoader from 'dataloader';
import type { ApiKey, Credential } from '../auth/api-key.ts';
import type { KeyFailure } from '../jobs/keys-failed-error.ts';
import type { FetchedJob, JobView, ListPage, ReadPage } from '../jobs/list-page.ts';
import type { Clock } from '../lib/clock.ts';
import { noTracing, type Tracing } from '../lib/tracing.ts';
import { OperationBudget } from '../store/admission/operation-budget.ts';
import { type FindOptions, findJob } from '../store/find-job.ts';
import type { CountsReading, JobStore, PageQuery } from '../store/job-store.ts';
import type { ReadScope } from '../store/read-scope.ts';
import type { Device } from '../upstream/device.ts';
import type { ListFilter } from '../upstream/job-list.ts';
import type { JobResultData } from '../upstream/job-result.ts';
import { askInTurn } from './ask-in-turn.ts';

/** What the fields of one operation read through, so that none of them asks twice. New for each request. */
export interface Loaders {
  /**
   * The job with this name, under whichever of the request's keys may see it.
   *
   * @throws {KeysFailedError} where none may.
   */
  readonly job: (qrn: string) => Promise<JobView>;

  /**
   * The job with this name, as one key sees it.
   *
   * @throws {KeysFailedError} where it may not.
   */
  readonly jobOfKey: (credential: Credential, qrn: string) => Promise<JobView>;

  /** The job as it was last seen with a key: null where it was not. Asks nobody. */
  readonly lastSeen: (credential: Credential, qrn: string) => FetchedJob | null;

  /** What reads the pages of one key's filtered list. */
  readonly pages: (credential: Credential, filter: ListFilter) => ReadPage;

  /**
   * How many jobs one key has, by status.
   *
   * @throws {UpstreamError} where there is no answer.
   */
  readonly counts: (credential: Credential) => Promise<CountsReading>;

  /**
   * The result of a job, read with a key that the job was seen through.
   *
   * @throws {KeysFailedError} where none of them gives it.
   */
  readonly result: (view: JobView) => Promise<JobResultData>;

  /**
   * The device with this name, under whichever of the request's keys gives it first: a device is the same for all of them.
   *
   * @throws {KeysFailedError} where none does.
   */
  readonly device: (qrn: string) => Promise<Device>;

  /**
   * Asks upstream once to cancel a job. The loaders read it anew after that.
   *
   * @throws {UpstreamError} see `CancelJob`.
   */
  readonly cancelJob: (credential: Credential, qrn: string) => Promise<void>;
}

/** What an operation asks of all its reads. */
export interface LoaderOptions extends Omit<ReadScope, 'operationBudget' | 'mayBeStale'> {
  readonly clock: Pick<Clock, 'schedule'>;
  /** How many upstream requests the operation may cause for each key. */
  readonly maxUpstreamRequests: number;
  readonly tracing: Tracing;
  /** What keys have failed with by now: neither pages nor counts are asked for with them again. @default nothing */
  readonly failures?: readonly KeyFailure[] | undefined;
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
  readonly #devices = new Map<string, Promise<Device>>();

  constructor(store: JobStore, credentials: readonly Credential[], options: LoaderOptions) {
    this.#store = store;
    this.#credentials = credentials;
    this.#options = options;
  }

  job(qrn: string): Promise<JobView> {
    const known = this.#jobs.get(qrn);
    if (known !== undefined) return known;
    const job = this.#find(qrn, this.#credentials);
    this.#jobs.set(qrn, job);
    return job;
  }

  jobOfKey(credential: Credential, qrn: string): Promise<JobView> {
    return this.#find(qrn, [credential]);
  }

  pages(credential: Credential, filter: ListFilter): ReadPage {
    const failure = this.#failureOf(credential);
    if (failure !== undefined) return () => Promise.reject(failure.error);
    return (page, since) => this.#of(credential).pages.load({ filter, page, since });
  }

  counts(credential: Credential): Promise<CountsReading> {
    const failure = this.#failureOf(credential);
    if (failure !== undefined) return Promise.reject(failure.error);
    return this.#of(credential).counts;
  }

  result({ job, keys }: JobView): Promise<JobResultData> {
    const seeing = this.#credentials.filter(({ label }) => keys.includes(label));
    return askInTurn(seeing, (credential) => this.#of(credential).results.load(job.qrn));
  }

  device(qrn: string): Promise<Device> {
    const known = this.#devices.get(qrn);
    if (known !== undefined) return known;
    const device = askInTurn(this.#credentials, (credential) => this.#of(credential).devices.load(qrn));
    this.#devices.set(qrn, device);
    return device;
  }

  async cancelJob(credential: Credential, qrn: string): Promise<void> {
    try {
      const seers = this.#credentials.map(({ key }) => key);
      await this.#of(credential).cancelJob(qrn, seers);
    } finally {
      this.#jobs.delete(qrn);
      for (const loaders of this.#ofKeys.values()) loaders.forget(qrn);
    }
  }

  #find(qrn: string, credentials: readonly Credential[]): Promise<JobView> {
    return findJob(qrn, {
      credentials,
      lastToSee: this.#lastToSee,
      lastSeen: this.lastSeen,
      readJob: this.#readJob,
      clock: this.#options.clock,
    });
  }

  readonly #lastToSee: FindOptions['lastToSee'] = (credentials, qrn) => {
    const look = () => this.#store.lastToSee(credentials, qrn);
    const late = this.#store.catchUp(credentials.map(({ key }) => key));
    return late === null ? look() : late.then(look);
  };

  readonly lastSeen: Loaders['lastSeen'] = ({ key }, qrn) => this.#store.lastSeen(key, qrn);

  readonly #readJob: FindOptions['readJob'] = (qrn, credential, mayBeStale) => {
    const { anyJobs, currentJobs } = this.#of(credential);
    return (mayBeStale ? anyJobs : currentJobs).load(qrn);
  };

  #failureOf(credential: Credential): KeyFailure | undefined {
    return this.#options.failures?.find(({ label }) => label === credential.label);
  }

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
  #counts: Promise<CountsReading> | null = null;
  #results: DataLoader<string, JobResultData> | null = null;
  #devices: DataLoader<string, Device> | null = null;

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

  get counts(): Promise<CountsReading> {
    this.#counts ??= this.#store.getCounts(this.#key, this.#toScope(true));
    return this.#counts;
  }

  get results(): DataLoader<string, JobResultData> {
    this.#results ??= this.#open('load results', this.#store.getResults);
    return this.#results;
  }

  get devices(): DataLoader<string, Device> {
    this.#devices ??= this.#open('load devices', this.#store.getDevices);
    return this.#devices;
  }

  cancelJob(qrn: string, seers: readonly ApiKey[]): Promise<void> {
    return this.#store.cancelJob(this.#key, qrn, this.#toScope(false), seers);
  }

  /** Forgets how a job was read. */
  forget(qrn: string): void {
    this.#currentJobs?.clear(qrn);
    this.#anyJobs?.clear(qrn);
    this.#pages?.clearAll();
    this.#counts = null;
  }

  #open<T>(
    what: string,
    load: (key: ApiKey, qrns: readonly string[], scope: ReadScope) => Promise<readonly (T | Error)[]>,
  ): DataLoader<string, T> {
    const scope = this.#toScope(true);
    return new DataLoader((qrns) =>
      this.#follow(what, qrns.length, scope, (followed) => load(this.#key, qrns, followed)),
    );
  }

  #openJobs(mayBeStale: boolean): DataLoader<string, FetchedJob> {
    const scope = this.#toScope(mayBeStale);
    return new DataLoader((qrns) =>
      this.#follow('load jobs', qrns.length, scope, (followed) =>
        this.#store.getJobs(this.#key, qrns, followed),
      ),
    );
  }

  #openPages(): DataLoader<PageQuery, ListPage, string> {
    const scope = this.#toScope(true);
    return new DataLoader(
      (queries) =>
        this.#follow('load pages', queries.length, scope, (followed) =>
          this.#store.listJobs(this.#key, queries, followed),
        ),
      { cacheKeyFn: JSON.stringify },
    );
  }

  /** Loads in a span, which the scope hands on to what is read for it. */
  #follow<T>(
    what: string,
    size: number,
    scope: ReadScope,
    load: (scope: ReadScope) => Promise<T>,
  ): Promise<T> {
    const { tracing } = this.#options;
    if (tracing === noTracing) return load(scope);
    const facts = { attributes: { 'graphql.batch.size': size } };
    return tracing.span(what, scope.span, facts, (span) => load({ ...scope, span }));
  }

  // Name by name: to spread the options takes V8 longer than to look a job up.
  #toScope(mayBeStale: boolean): ReadScope {
    const { startedSeq, mustBeFresh, maxAgeMs, staleIfErrorMs, client, requestId, span, deadline } =
      this.#options;
    const { isOfNow, onlyIfCached, markStale, noteReading, observe } = this.#options;
    return {
      startedSeq,
      mustBeFresh,
      isOfNow,
      maxAgeMs,
      onlyIfCached,
      mayBeStale,
      staleIfErrorMs,
      operationBudget: this.#budget,
      client,
      requestId,
      span,
      deadline,
      markStale,
      noteReading,
      observe,
    };
  }
}
