import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { OperationBudget } from '../../src/store/admission/operation-budget.ts';
import { createJobStore, type JobStore } from '../../src/store/job-store.ts';
import { createQbraidClient } from '../../src/upstream/qbraid-client.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { heapHolds } from '../support/heap-holds.ts';
import { aJob } from '../support/job-builder.ts';
import { STORE_LIMITS } from '../support/store-limits.ts';

describe('the memory', () => {
  /** A key that nobody has written down: it is in the memory only where somebody keeps it. */
  const secret = (number: number) => ['qbr', 'secret', number, 'x'.repeat(20)].join('_');

  /** Answers each request in turn with one of these statuses, without looking at it. */
  async function startService(statuses: readonly number[]) {
    let count = 0;
    const server = createServer((_, response) => {
      response.statusCode = statuses[count % statuses.length] ?? 200;
      count += 1;
      response.end(JSON.stringify({ success: true, data: aJob('a:1') }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { url, close: () => server.close() };
  }

  /** A store that has been used with a key in every way, and has done with it. */
  async function useStore(number: number): Promise<JobStore> {
    const clock = createFakeClock();
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    const service = await startService([200, 404, 500, 403, 429, 401, 200, 404]);
    const client = createQbraidClient({
      ...parseConfig({}).upstream,
      url: service.url,
      clock,
      logger,
      timeoutMs: 1000,
      connections: 4,
      connectionsPerKey: 4,
    });
    const store = createJobStore({
      ...STORE_LIMITS,
      client,
      clock,
    });
    const key = new ApiKey(secret(number));
    for (let time = 0; time < 12; time += 1) {
      const scope = {
        startedSeq: store.seq,
        mustBeFresh: time % 2 === 0,
        operationBudget: new OperationBudget(time),
        client: '192.0.2.1',
        deadline: new AbortController(),
        markStale() {},
      };
      await Promise.all([
        store.getJobs(key, ['a:1', 'a:2', 'a:3', 'a:4'].slice(time % 4), scope),
        store.listJobs(key, [{ filter: {}, page: { page: 1, limit: 10 } }], scope),
        store.getCounts(key, scope).catch(() => null),
        store.getResults(key, ['a:1', 'a:2'], scope),
        store.getDevices(key, ['a:device'], scope),
        store.cancelJob(key, `a:${time}`, scope, [key]).catch(() => null),
      ]);
      store.lastToSee([{ label: 'me', key }], 'a:1');
      store.budgetOf(key);
      clock.advance(60_000);
    }
    // A connection that is kept open may keep its last request.
    await client.close();
    service.close();
    return store;
  }

  test('holds no key once its requests are answered', async () => {
    const store = await useStore(1);
    expect(await heapHolds(() => secret(1))).toBe(false);
    // So that the store itself is still there to be looked at.
    expect(store.seq).toBeGreaterThan(0);
  });

  test('would be found to hold one', async () => {
    const holder = new Map([[1, new ApiKey(secret(2))]]);
    expect(await heapHolds(() => secret(2))).toBe(true);
    expect(holder.size).toBe(1);
  });
});
