import { setMaxListeners } from 'node:events';
import type { ApiKey } from '../auth/api-key.ts';
import type { Credential } from '../auth/credential.ts';
import type { ListPage } from '../jobs/list-page.ts';
import type { Seq } from '../jobs/seq.ts';
import type { Clock } from '../lib/clock.ts';
import type { QbraidClient } from '../upstream/qbraid-client.ts';
import { UpstreamError } from '../upstream/upstream-error.ts';
import { Admission } from './admission/admission.ts';
import type { BudgetLimits, BudgetState } from './admission/request-budget.ts';
import { JobCache } from './cache/job-cache.ts';
import type { FreshnessLimits } from './freshness.ts';
import { createJobReader, type Outcome } from './job-reader.ts';
import { createPageReader, type PageRequest } from './page-reader.ts';
import type { ReadScope } from './read-scope.ts';
import type { Reader } from './reader.ts';

/**
 * What all requests of the process read jobs through, so that nothing is asked twice. What it gives for a key was read
 * with that key: everything it keeps is owned by one key's whole fingerprint, bounded, and of limited life.
 */
export interface JobStore {
  /**
   * The jobs with these names, in their order: each a job, or why there is none. Served from memory where that is
   * fresh, else from list pages where these save requests, else one by one. Never rejects.
   */
  getJobs(key: ApiKey, qrns: readonly string[], scope: ReadScope): Promise<readonly Outcome[]>;

  /** Pages of the key's lists, in the order of the requests: each a page, or why there is none. Never rejects. */
  listJobs(
    key: ApiKey,
    requests: readonly PageRequest[],
    scope: ReadScope,
  ): Promise<readonly (ListPage | Error)[]>;

  /** Which of these keys the job was last seen through, as far as the process remembers. Asks nobody. */
  lastToSee(credentials: readonly Credential[], qrn: string): Credential | null;

  /** The number of a key's part of the cache. It is another one each time that the qBraid API refuses the key. */
  partitionOf(key: ApiKey): number;

  /** What is left of a key's requests. Asks nobody. */
  budgetOf(key: ApiKey): BudgetState;

  /**
   * By how much reads with a key should be spread, from 1 to 15, and how long they must wait, in milliseconds. Asks
   * nobody.
   */
  paceOf(key: ApiKey): { readonly slowdown: number; readonly waitMs: number };

  /** The moment of the latest reading: see `ReadScope.startedSeq`. */
  readonly seq: Seq;
}

export interface JobStoreOptions {
  readonly client: QbraidClient;
  readonly clock: Clock;
  readonly freshness: FreshnessLimits;
  readonly budget: BudgetLimits;
  /** How much is remembered. */
  readonly memory: { readonly maxEntries: number; readonly maxBytes: number };
  /** Spreads what would otherwise happen at once. @default Math.random */
  readonly random?: () => number;
}

/** Who looks again this much later finds out soon enough that more may be asked. */
const MAX_PACE = 15;

/** Makes the store of a process. */
export function createJobStore(options: JobStoreOptions): JobStore {
  const { client, clock, freshness, budget, random = Math.random } = options;
  const lifetimeMs = Math.max(budget.windowMs, ...Object.values(freshness));
  const memory = new JobCache({ ...options.memory, lifetimeMs }, clock);
  const admission = new Admission(budget, clock, random);
  const parts = { client, clock, memory, admission, freshness };
  const pages = createPageReader(parts);
  const jobs = createJobReader(parts, pages);
  const readerOf = (key: ApiKey, scope: ReadScope): Reader => {
    // Each read of an operation listens, and an operation may cause hundreds: that is no leak.
    if (scope.signal !== undefined) setMaxListeners(0, scope.signal);
    return { key, account: admission.accountOf(key), scope };
  };

  return {
    getJobs: (key, qrns, scope) => jobs.read(readerOf(key, scope), qrns),

    listJobs(key, requests, scope) {
      const reader = readerOf(key, scope);
      const answers = new Array<Promise<ListPage | Error>>(requests.length);
      // The widest first: others may be parts of it.
      const order = [...requests.entries()].sort(([, a], [, b]) => b.page.limit - a.page.limit);
      for (const [index, request] of order) {
        answers[index] = pages.read(reader, request).catch((error: Error) => error);
      }
      return Promise.all(answers);
    },

    lastToSee(credentials, qrn) {
      const sightings = credentials.flatMap((credential) => {
        const job = memory.job(admission.accountOf(credential.key).space, qrn);
        return job === null || job.value instanceof UpstreamError ? [] : [{ credential, moment: job.moment }];
      });
      const [latest] = sightings.toSorted((a, b) => (a.moment > b.moment ? -1 : 1));
      return latest?.credential ?? null;
    },

    partitionOf: (key) => admission.accountOf(key).space,

    budgetOf: (key) => admission.accountOf(key).state(clock.now()),

    paceOf(key) {
      const account = admission.accountOf(key);
      const nowMs = clock.now();
      return {
        slowdown: Math.min(MAX_PACE, account.slowdown(nowMs)),
        waitMs: account.waitMs(nowMs, false),
      };
    },

    get seq() {
      return memory.seq;
    },
  };
}
