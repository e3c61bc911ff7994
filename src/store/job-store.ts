import type { ApiKey, Credential } from '../auth/api-key.ts';
import { isFailure } from '../jobs/failures.ts';
import { hasComeFurther } from '../jobs/job-progress.ts';
import type { FetchedJob, ListPage } from '../jobs/list-page.ts';
import { earlier, type Seq, type Stamp } from '../jobs/seq.ts';
import type { Clock } from '../lib/clock.ts';
import type { Device } from '../upstream/device.ts';
import type { JobCounts } from '../upstream/job-counts.ts';
import type { JobResultData } from '../upstream/job-result.ts';
import type { QbraidClient } from '../upstream/qbraid-client.ts';
import { Admission, type InFlightLimits } from './admission/admission.ts';
import type { BreakerState } from './admission/circuit-breaker.ts';
import type { BudgetState } from './admission/ledger.ts';
import { LogicalClock } from './admission/logical-clock.ts';
import type { BudgetLimits } from './admission/request-budget.ts';
import type { UpstreamPort } from './admission/upstream-port.ts';
import { createBatchSearch } from './batch-search.ts';
import { JobCache } from './cache/job-cache.ts';
import { NegativeCache } from './cache/negative-cache.ts';
import { type CachedPage, PageCache } from './cache/page-cache.ts';
import type { PartitionVersion } from './cache/partition-versions.ts';
import { PartitionedCache, type When } from './cache/partitioned-cache.ts';
import { cancelledElsewhere, createCancelJob } from './cancel-job.ts';
import { countsResource } from './counts-resource.ts';
import { deviceResource, FRESH_DEVICE_MS } from './device-resource.ts';
import type { FleetSeam } from './fleet-seam.ts';
import { type FreshnessLimits, freshnessOf } from './freshness.ts';
import { jobResource } from './job-resource.ts';
import { type PageSubject, pageResource } from './page-resource.ts';
import { readEach } from './read-each.ts';
import { type ReadOutcome, readJobs } from './read-jobs.ts';
import type { Reader, ReadScope } from './read-scope.ts';
import { createReadThrough } from './read-through.ts';
import { resultResource } from './result-resource.ts';
import type { StoreObserver } from './store-event.ts';

/**
 * What all requests of the process read through, so that nothing is asked twice. What it gives for a key was read
 * with that key: everything in the cache is in one key's partition, bounded, and of limited lifetime.
 */
export interface JobStore {
  /**
   * The jobs with these names, in their order: each a job, or why there is none. They come from the cache, else from list
   * pages where these save requests, else one by one. Never rejects.
   */
  getJobs(key: ApiKey, qrns: readonly string[], scope: ReadScope): Promise<readonly ReadOutcome[]>;

  /** Pages of the key's lists, in the order of the requests: each a page, or why there is none. Never rejects. */
  listJobs(
    key: ApiKey,
    requests: readonly PageQuery[],
    scope: ReadScope,
  ): Promise<readonly (ListPage | Error)[]>;

  /**
   * How many jobs the key has, by status.
   *
   * @throws {UpstreamError} where there is no answer.
   */
  getCounts(key: ApiKey, scope: ReadScope): Promise<CountsReading>;

  /** The results of these jobs, in their order: each a result, or why there is none. Never rejects. */
  getResults(
    key: ApiKey,
    qrns: readonly string[],
    scope: ReadScope,
  ): Promise<readonly (JobResultData | Error)[]>;

  /** These devices, in their order: each a device, or why there is none. Never rejects. */
  getDevices(key: ApiKey, qrns: readonly string[], scope: ReadScope): Promise<readonly (Device | Error)[]>;

  /**
   * Asks upstream once to cancel a job: see `CancelJob`. What was read of the job and of lists is not shown any more.
   *
   * @param seers The keys of the request, which may see the job as well: the same holds for what was read with them.
   * @throws {UpstreamError} where upstream does not accept that, or nobody knows whether it did.
   */
  cancelJob(key: ApiKey, qrn: string, scope: ReadScope, seers: readonly ApiKey[]): Promise<void>;

  /** A job as it was last seen with a key, as far as the cache knows: null where it was not. Asks nobody. */
  lastSeen(key: ApiKey, qrn: string): FetchedJob | null;

  /** With which of these keys the job was seen to have come furthest, as far as the cache knows. Asks nobody. */
  lastToSee(credentials: readonly Credential[], qrn: string): Credential | null;

  /**
   * Brings what other processes have read with these keys into the cache, so that what is asked of the store next is no older.
   * Null where that is nothing, as mostly. Never rejects.
   */
  catchUp(keys: readonly ApiKey[]): Promise<unknown> | null;

  /** What is left of a key's requests. Asks nobody. */
  budgetOf(key: ApiKey): KeyBudget;

  /**
   * By how much reads with a key should slow down, from 1 to 15, and how long they must wait, in milliseconds: 0 or less
   * for not at all. Asks nobody.
   */
  paceOf(key: ApiKey): { readonly slowdown: number; readonly waitMs: number };

  /** The key's part of the cache. Another one after each refusal of the key: nothing from before may be shown then. */
  partitionOf(key: ApiKey): number;

  /**
   * Calls the listener when other replicas have read with the key, and this is in the cache by now, or when they found the
   * key refused: see `partitionOf`. Returns what ends that.
   */
  onNews(key: ApiKey, listener: () => void): () => void;

  /**
   * How far a part of the cache has come. What was made of it before is right as long as this stays the same. The numbers are
   * not even equal to themselves while others may have read something that is not in the cache.
   */
  versionOf(partition: number): PartitionVersion;

  /** How the store stands as a whole, for those who operate it. Names no key. */
  report(): StoreReport;

  /** When the latest event happened: see `ReadScope.startedSeq`. */
  readonly seq: Seq;
}

/** A page that an operation wants. */
export interface PageQuery extends PageSubject {
  /** Only what was asked for after then will do. @default NEVER */
  readonly since?: Seq;
}

/** How many jobs a key has, by status, and when that was read. */
export interface CountsReading {
  readonly counts: JobCounts;
  readonly read: Stamp;
  /** Whether they are older than their ordinary freshness. */
  readonly isStale: boolean;
}

/** What a key has left, as people read it. */
export interface KeyBudget extends Omit<BudgetState, 'resetAtMs'> {
  /** When the next request becomes available again: null where none was used. */
  readonly resetAt: Date | null;
}

/** How the store stands with upstream, for the metrics. */
export interface StoreReport {
  /** Whether requests go out: `half-open` where one at a time finds out whether upstream still fails. */
  readonly breaker: BreakerState;
  /** The share of its budget that each key has used that sent anything in the last window, from 0 to 1. */
  readonly usedShares: readonly number[];
}

export interface JobStoreOptions {
  readonly client: QbraidClient;
  readonly clock: Clock;
  readonly freshness: FreshnessLimits;
  readonly budget: BudgetLimits;
  /** How many requests may be under way before new operations are refused. */
  readonly inFlight: InFlightLimits;
  /** How long after its freshness the cache must keep an answer, in milliseconds. */
  readonly staleIfErrorMs: number;
  /** How many refused keys one client address may send in a window. */
  readonly maxRefusedKeys: number;
  /** How much is cached. */
  readonly cache: { readonly maxEntries: number; readonly maxBytes: number };
  /** Spreads what would otherwise happen at once. @default Math.random */
  readonly random?: () => number;
  /** @default nobody */
  readonly observe?: StoreObserver;
  /** Shares the budget and what is read with other processes. @default with none */
  readonly fleet?: FleetSeam | undefined;
}

/** That of a part of the cache that may lack what others have read. */
const UNKNOWN_VERSION: PartitionVersion = { content: Number.NaN, reading: Number.NaN };

/** Who polls so much more slowly finds out soon enough that more may be asked. */
const MAX_SLOWDOWN = 15;

/** Leaves an answer of some resource in the cache. Only those who named it know its words. */
type Keep = (partition: number, subject: never, answer: never, when: When) => unknown;

/** Makes the store of a process. */
export function createJobStore(options: JobStoreOptions): JobStore {
  const { client, clock, freshness, budget, random = Math.random, observe = () => {} } = options;
  const { inFlight, staleIfErrorMs, maxRefusedKeys, fleet } = options;
  const freshMs = Math.max(FRESH_DEVICE_MS, ...Object.values(freshness));
  const lifetimeMs = Math.max(budget.windowMs, freshMs + staleIfErrorMs);
  const cache = new PartitionedCache({ ...options.cache, lifetimeMs }, clock);
  const jobs = new JobCache(cache);
  const negatives = new NegativeCache(cache);
  const pages = new PageCache({ cache, jobs, negatives, clock, lifetimeMs });
  const { invalidations } = cache;

  const logicalClock = new LogicalClock(clock, fleet && (() => fleet.nowMs()));
  const admission = new Admission({
    limits: budget,
    newLedger: fleet && (() => fleet.newLedger()),
    inFlight,
    maxRefusedKeys,
    clock,
    logicalClock,
    onDoubt: (partition) => cache.versions.changed(partition),
    random,
  });
  const resources = {
    jobs: jobResource({ client, jobs, invalidations, freshness }),
    pages: pageResource({ client, pages, invalidations, freshness }),
    counts: countsResource({ client, cache, freshness }),
    results: resultResource({ client, cache }),
    devices: deviceResource({ client, cache }),
  };
  const keepers = [...Object.values(resources), cancelledElsewhere(invalidations)];
  const keepBy = new Map<string, Keep>(keepers.map(({ name, keep }) => [name, keep]));
  const port: UpstreamPort =
    fleet?.openPort({
      admission,
      logicalClock,
      keep({ partition }, { resource, what }, answer, when) {
        keepBy.get(resource)?.(partition, what as never, answer as never, when);
      },
    }) ?? admission;
  const pipeline = { port, clock, observe };
  const readJob = createReadThrough(resources.jobs, pipeline);
  const readPage = createReadThrough(resources.pages, pipeline);
  const readCounts = createReadThrough(resources.counts, pipeline);
  const readResult = createReadThrough(resources.results, pipeline);
  const readDevice = createReadThrough(resources.devices, pipeline);
  const cancelJob = createCancelJob({ client, port, invalidations, clock, observe });
  const search = createBatchSearch({ pages: readPage, jobs, negatives, freshness, clock });

  function lastSeen(key: ApiKey, qrn: string): FetchedJob | null {
    const job = jobs.lookup(admission.accountOf(key).partition, qrn);
    return job === null || isFailure(job.value) ? null : job.value;
  }

  function readerOf(key: ApiKey, scope: ReadScope): Reader {
    return { key, account: admission.accountOf(key), scope };
  }

  /**
   * Notes the age of each job that a page shows as an older answer had it, which knew better. Returns when the oldest part of the
   * page was read.
   */
  function noteOlderJobs({ value, read }: CachedPage, { scope }: Reader): Stamp {
    const nowMs = clock.now();
    let oldest = read;
    for (const { job } of value.items) {
      if (isFailure(job) || job.fetched.seq >= read.seq) continue;
      oldest = earlier(oldest, job.fetched);
      if (job.fetched.seq > scope.startedSeq) continue;
      const freshMs = freshnessOf(job, freshness);
      if (nowMs >= job.fetched.atMs + freshMs) scope.markStale();
      scope.noteReading?.(job.fetched, freshMs);
    }
    return oldest;
  }

  /** The same reader, and whether what it reads is stale: its operation hears of that, too. */
  function watchingAge(reader: Reader): { readonly reader: Reader; readonly isStale: () => boolean } {
    let isStale = false;
    const markStale = () => {
      isStale = true;
      reader.scope.markStale();
    };
    return { reader: { ...reader, scope: { ...reader.scope, markStale } }, isStale: () => isStale };
  }

  /** Does something once the cache holds what others have read with a key: at once, as mostly. */
  function whenCurrent<T>(reader: Reader, act: () => Promise<T>): Promise<T> {
    const late = port.catchUp(reader);
    return late === null ? act() : late.then(act);
  }

  async function listPage(asking: Reader, { filter, page, since }: PageQuery): Promise<ListPage> {
    const { reader, isStale } = watchingAge(asking);
    const cached = await readPage.read(reader, { filter, page }, since);
    const fetched = noteOlderJobs(cached, reader);
    const { items, total } = cached.value;
    const { askedSeq, read } = cached;
    return { items, total, askedSeq, readSeq: read.seq, fetched, isStale: isStale() };
  }

  return {
    getJobs(key, qrns, scope) {
      const reader = readerOf(key, scope);
      return whenCurrent(reader, () => readJobs({ jobs: readJob, search }, reader, qrns));
    },

    listJobs(key, requests, scope) {
      const reader = readerOf(key, scope);
      return whenCurrent(reader, () => {
        const answers = new Array<Promise<ListPage | Error>>(requests.length);
        // The widest first: others may be parts of it.
        const order = [...requests.entries()].sort(([, a], [, b]) => b.page.limit - a.page.limit);
        for (const [index, request] of order) {
          answers[index] = listPage(reader, request).catch((error: Error) => error);
        }
        return Promise.all(answers);
      });
    },

    getCounts(key, scope) {
      const { reader, isStale } = watchingAge(readerOf(key, scope));
      return whenCurrent(reader, async () => {
        const { value: counts, read } = await readCounts.read(reader, null);
        return { counts, read, isStale: isStale() };
      });
    },

    getResults(key, qrns, scope) {
      const reader = readerOf(key, scope);
      return whenCurrent(reader, () => readEach(readResult, reader, qrns));
    },

    getDevices(key, qrns, scope) {
      const reader = readerOf(key, scope);
      return whenCurrent(reader, () => readEach(readDevice, reader, qrns));
    },

    cancelJob: (key, qrn, scope, seers) =>
      cancelJob(
        readerOf(key, scope),
        qrn,
        seers.map((seer) => admission.accountOf(seer)),
      ),

    lastSeen,

    lastToSee(credentials, qrn) {
      const seen = credentials.flatMap((credential) => {
        const job = lastSeen(credential.key, qrn);
        return job === null ? [] : [{ credential, job }];
      });
      const [last] = seen.toSorted((a, b) => (hasComeFurther(a.job, b.job) ? -1 : 1));
      return last?.credential ?? null;
    },

    catchUp(keys) {
      const late = keys.flatMap((key) => port.catchUp({ key, account: admission.accountOf(key) }) ?? []);
      return late.length === 0 ? null : Promise.all(late);
    },

    budgetOf(key) {
      const nowMs = clock.now();
      const { resetAtMs, ...state } = admission.accountOf(key).state(nowMs);
      const resetAt = resetAtMs === null ? null : new Date(clock.date().getTime() + resetAtMs - nowMs);
      return { ...state, resetAt };
    },

    paceOf(key) {
      const account = admission.accountOf(key);
      const slowdown = Math.min(MAX_SLOWDOWN, account.slowdown(clock.now()));
      return { slowdown, waitMs: admission.waitMs(account) };
    },

    partitionOf: (key) => admission.accountOf(key).partition,
    onNews: (key, listener) => port.onNews({ key, account: admission.accountOf(key) }, listener),
    versionOf: (partition) => (port.isCurrent(partition) ? cache.versions.of(partition) : UNKNOWN_VERSION),

    report: () => ({ breaker: admission.breaker, usedShares: admission.usedShares() }),

    get seq() {
      return port.seq;
    },
  };
}
