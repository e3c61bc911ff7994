import { setTimeout } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Answer } from '../support/create-test-gateway.ts';
import { someJobs } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';
import { FLEET_SIZE, startProgramFleet } from '../support/program-fleet.ts';
import { hasRedisServer } from '../support/redis-server.ts';
import { sendOperation } from '../support/send-operation.ts';

const KEY = 'alice-key';

/** What a request may take from one end of a fleet to the other, so that it leaves in one window and arrives in the next. */
const TRAVEL_MS = 250;

/** How much longer an operation may take because of Redis: a deadline of 100 ms, and what a busy machine adds. */
const LONGER_MS = 150;

/** What is quicker than this, in milliseconds, is not slow, however quick it was before. */
const BOUND_MS = 500;

const isPossible = hasRedisServer();

/** What a client saw of one operation. */
interface Operation {
  readonly answer: Answer;
  readonly tookMs: number;
}

describe.skipIf(!isPossible)(
  `four built programs${isPossible ? '' : ' (skipped: redis-server is not installed)'}`,
  () => {
    test('fail no operation and hold none up while Redis stands still, is killed, and loses its data', async () => {
      const requests = 200;
      const { fleet, jobs } = await start({
        RATE_LIMIT_REQUESTS: String(requests),
        RATE_LIMIT_WINDOW_MS: '60000',
      });
      const { redis } = fleet;
      const queries = [
        '{ jobs(first: 20) { totalCount nodes { qrn status } } }',
        ...[3, 12].map((index) => `{ job(qrn: "${jobs[index]?.jobQrn}") { qrn status } }`),
      ];
      for (const { url } of fleet.replicas) {
        for (const query of queries) await sendOperation(url, KEY, query);
      }
      const operations: Record<string, Operation[]> = {};
      let phase = 'before';
      let isOver = false;
      async function openTab(index: number): Promise<void> {
        for (let turn = index; !isOver; turn += 1) {
          const startedAtMs = performance.now();
          const url = fleet.replicas[turn % FLEET_SIZE]?.url ?? '';
          const startedIn = phase;
          const answer = await sendOperation(url, KEY, queries[turn % queries.length] ?? '');
          operations[startedIn] ??= [];
          operations[startedIn].push({ answer, tookMs: performance.now() - startedAtMs });
          await setTimeout(200 + Math.random() * 200);
        }
      }
      const tabs = Array.from({ length: 30 }, (_, index) => openTab(index));
      await setTimeout(1500);
      phase = 'standing still';
      redis.pause();
      await setTimeout(3000);
      phase = 'going on';
      redis.resume();
      await setTimeout(1500);
      phase = 'killed';
      await redis.kill();
      await setTimeout(1000);
      phase = 'started again';
      await redis.start();
      await setTimeout(2000);
      phase = 'emptied';
      await redis.run('FLUSHALL');
      await setTimeout(2000);
      isOver = true;
      await Promise.all(tabs);

      const all = Object.values(operations).flat();
      expect(all.flatMap(({ answer }) => answer.errors ?? [])).toEqual([]);
      expect(Object.keys(operations)).toHaveLength(6);
      const { before = [], ...faults } = operations;
      const boundMs = Math.max(BOUND_MS, quantile(before, 0.99) + LONGER_MS);
      const slow = Object.entries(faults).filter(([, some]) => quantile(some, 0.99) > boundMs);
      expect(slow.map(([name]) => name)).toEqual([]);
      expect(fleet.askedAtMs(KEY).length).toBeLessThanOrEqual(requests);
    });

    test('never send more than the budget while one of them cannot reach Redis', async () => {
      const requests = 100;
      const windowMs = 5000;
      const { fleet } = await start({
        RATE_LIMIT_REQUESTS: String(requests),
        RATE_LIMIT_WINDOW_MS: String(windowMs),
      });
      await sendOperation(fleet.replicas[0]?.url ?? '', KEY, '{ jobs(first: 20) { totalCount } }');
      const link = fleet.replicas[0]?.link;
      let isOver = false;
      let count = 0;
      async function openTab(index: number): Promise<void> {
        for (let turn = index; !isOver; turn += 1) {
          count += 1;
          const query = `{ job(qrn: "no:such:job:${count}") { qrn } }`;
          // Some may use what is kept for those who want nothing from the cache.
          const headers = count % 2 === 0 ? {} : { 'cache-control': 'no-cache' };
          await sendOperation(fleet.replicas[turn % FLEET_SIZE]?.url ?? '', KEY, query, headers);
          await setTimeout(100 + Math.random() * 100);
        }
      }
      const tabs = Array.from({ length: 12 }, (_, index) => openTab(index));
      for (const act of [link?.cut, link?.mend, link?.stall, link?.mend, link?.cut]) {
        await setTimeout(1800);
        act?.();
      }
      await setTimeout(1800);
      isOver = true;
      await Promise.all(tabs);
      const most = mostWithin(fleet.askedAtMs(KEY), windowMs - TRAVEL_MS);
      expect(most).toBeLessThanOrEqual(requests);
      expect(most).toBeGreaterThan(0.8 * requests);
    });
  },
);

/** A fleet over an upstream whose only user has twenty jobs. It ends with the test. */
async function start(environment: Readonly<Record<string, string>>) {
  const jobs = someJobs(20);
  const answer = jobService({ [KEY]: jobs });
  const fleet = await startProgramFleet(async (request) => {
    await setTimeout(5 + Math.random() * 20);
    return answer(request);
  }, environment);
  onTestFinished(() => fleet.close());
  return { fleet, jobs };
}

/** What this share of all operations did not take longer than, in milliseconds. */
function quantile(operations: readonly Operation[], share: number): number {
  const inOrder = operations.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return inOrder[Math.ceil(share * inOrder.length) - 1] ?? Number.NaN;
}

/** The largest number of times within so many milliseconds. */
function mostWithin(timesMs: readonly number[], spanMs: number): number {
  return Math.max(
    ...timesMs.map((start) => timesMs.filter((at) => at >= start && at < start + spanMs).length),
  );
}
