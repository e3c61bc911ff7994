import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { createJobStore } from '../../src/store/job-store.ts';
import type { Job, JobStatus } from '../../src/upstream/job.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { aScope } from '../support/account-builder.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { theJob } from '../support/open-caches.ts';
import { scriptedClient } from '../support/scripted-client.ts';
import { STORE_LIMITS } from '../support/store-limits.ts';

const key = new ApiKey('alice-key');

/** A store whose requests wait for the test, without HTTP. */
function openStore() {
  const clock = createFakeClock();
  const reads: ((job: Job) => void)[] = [];
  const cancels: (() => void)[] = [];
  const store = createJobStore({
    ...STORE_LIMITS,
    client: scriptedClient({
      getJob: () => new Promise((answer) => void reads.push(answer)),
      getDevice: () => Promise.reject(new UpstreamError('unauthenticated', '401')),
      cancelJob: () => new Promise((answer) => void cancels.push(() => answer({ status: null }))),
    }),
    clock,
  });
  const scope = () => aScope({ startedSeq: store.seq });
  const read = async () => {
    const [job] = await store.getJobs(key, ['a:1'], scope());
    return job === undefined || job instanceof Error ? job?.message : job.job.status;
  };
  const answer = async (index: number, status: JobStatus) => {
    await setImmediate();
    reads[index]?.(theJob('a:1', { status }));
    await setImmediate();
  };
  return { store, clock, scope, read, answer, reads, cancels };
}

describe('a job that is cancelled', () => {
  test('is seen as it is then by all who read it, in whatever order the answers come', async () => {
    const { store, scope, read, answer, reads, cancels } = openStore();
    const early = read();
    const cancelling = store.cancelJob(key, 'a:1', scope(), [key]);
    await setImmediate();
    cancels[0]?.();
    await cancelling;
    const late = read();
    await answer(0, 'RUNNING');
    await answer(1, 'CANCELLING');
    expect([await early, await late, reads.length]).toEqual(['CANCELLING', 'CANCELLING', 2]);
  });

  test('is read anew also where its key was refused and accepted again meanwhile', async () => {
    const { store, clock, scope, read, answer, reads, cancels } = openStore();
    const cancelling = store.cancelJob(key, 'a:1', scope(), [key]);
    await setImmediate();
    await store.getDevices(key, ['a:device'], scope());
    clock.advance(10_000);
    const before = read();
    await answer(0, 'RUNNING');
    cancels[0]?.();
    await cancelling;
    const after = read();
    await answer(1, 'CANCELLING');
    expect([await before, await after, reads.length]).toEqual(['RUNNING', 'CANCELLING', 2]);
  });
});
