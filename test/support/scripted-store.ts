import type { FetchedJob } from '../../src/jobs/list-page.ts';
import { NEVER } from '../../src/jobs/seq.ts';
import type { JobStore } from '../../src/store/job-store.ts';
import { decodeJob } from '../../src/upstream/decode-job.ts';
import { aJob } from './job-builder.ts';
import { stampAt } from './stamp.ts';

/** A store that gives jobs as the test says, has seen none of them and reads no lists. `overrides` replace the rest. */
export function scriptedStore(
  getJobs: JobStore['getJobs'],
  overrides: Partial<Pick<JobStore, 'lastSeen' | 'lastToSee' | 'paceOf' | 'partitionOf' | 'onNews'>> = {},
): JobStore {
  const none = () => Promise.reject(new Error('The scripted store reads single jobs only.'));
  return {
    getJobs,
    listJobs: none,
    getCounts: none,
    getResults: none,
    getDevices: none,
    cancelJob: none,
    lastSeen: () => null,
    lastToSee: () => null,
    catchUp: () => null,
    budgetOf: () => ({ limit: 1000, used: 0, remaining: 1000, resetAt: null }),
    partitionOf: () => 0,
    onNews: () => () => {},
    versionOf: () => ({ content: 0, reading: 0 }),
    paceOf: () => ({ slowdown: 1, waitMs: 0 }),
    report: () => ({ breaker: 'closed', usedShares: [] }),
    seq: NEVER,
    ...overrides,
  };
}

/** What a store gives for a job that was read at a time of the test's own. */
export function aReading(qrn: string, fetchedAtMs: number, fields: object = {}): FetchedJob {
  const decoded = decodeJob(aJob(qrn, { ...fields }));
  if (decoded === null) throw new Error('The test made up a job that is none.');
  return { job: decoded.job, fetched: stampAt(fetchedAtMs) };
}
