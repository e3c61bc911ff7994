import { describe, expect, test } from 'vitest';
import { createTestGateway, type QueryOptions } from '../support/create-test-gateway.ts';
import { holdAnswers } from '../support/held-answers.ts';
import { aJob, type RawJob } from '../support/job-builder.ts';
import { type JobLists, jobService, overriding, refusal } from '../support/job-service.ts';
import { arrived } from '../support/pass-time.ts';
import type { UpstreamBehaviour, UpstreamRequest } from '../support/scripted-upstream.ts';

const WINDOW_MS = 900_000;

const readJob = '{ job(qrn: "a:1") { status } }';
const readList = '{ jobs(first: 10) { nodes { qrn } } }';
const noCache: QueryOptions = { headers: { 'cache-control': 'no-cache' } };

const completed = aJob('a:1', { status: 'COMPLETED', cost: 3 });

/** A gateway over lists that a test may change, with what else upstream may answer; `code` is that of an answer. */
async function openGateway(
  lists: JobLists,
  answer: (request: UpstreamRequest) => UpstreamBehaviour | undefined = () => undefined,
) {
  const gateway = await createTestGateway(overriding(jobService(lists), answer));
  const code = async (document: string, options?: QueryOptions) => {
    const { data, errors } = await gateway.query(document, options);
    return errors === undefined ? data : errors[0]?.extensions.code;
  };
  return { ...gateway, code, asked: () => gateway.upstream.requests.length };
}

describe('a key that upstream refuses', () => {
  test('is not tried again for 10 s, whatever is asked', async () => {
    const { code, clock, asked } = await openGateway({});
    expect(await code(readJob)).toBe('UNAUTHENTICATED');
    clock.advance(9999);
    for (const document of [
      readJob,
      readList,
      '{ job(qrn: "a:2") { qrn } }',
      '{ node(id: "Sm9iOmE6MQ") { id } }',
    ]) {
      expect(await code(document)).toBe('UNAUTHENTICATED');
      expect(await code(document, noCache)).toBe('UNAUTHENTICATED');
    }
    expect(asked()).toBe(1);
    clock.advance(1);
    expect([await code(readJob), asked()]).toEqual(['UNAUTHENTICATED', 2]);
  });

  test('is good again once upstream accepts it', async () => {
    const lists: JobLists = {};
    const { code, clock } = await openGateway(lists);
    await code(readJob);
    lists['alice-key'] = [completed];
    clock.advance(10_000);
    expect(await code(readJob)).toEqual({ job: { status: 'COMPLETED' } });
  });

  test('costs one request, however many jobs it is asked for', async () => {
    const { query, asked } = await openGateway({});
    const jobs = Array.from({ length: 40 }, (_, index) => `j${index}: job(qrn: "a:${index}") { qrn }`);
    const { errors = [] } = await query(`{ ${jobs.join(' ')} }`);
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['UNAUTHENTICATED']));
    expect([errors.length, asked()]).toEqual([40, 1]);
  });

  test.each([
    ['a job', readJob],
    ['a list', readList],
    ['a count', '{ jobs { totalCount } }'],
  ])('is shown nothing of what was read with it before: %s', async (_, document) => {
    const lists: JobLists = { 'alice-key': [completed] };
    const { code, asked } = await openGateway(lists);
    await code(document);
    delete lists['alice-key'];
    expect(await code('{ job(qrn: "a:2") { qrn } }')).toBe('UNAUTHENTICATED');
    expect([await code(document), asked()]).toEqual(['UNAUTHENTICATED', 2]);
  });

  test.each([
    ['a job', readJob],
    ['a list', readList],
  ])('is shown nothing of that later either, but what is read anew: %s', async (_, document) => {
    const lists: JobLists = { 'alice-key': [completed] };
    let answer: UpstreamBehaviour | undefined;
    const { code, clock, asked } = await openGateway(lists, () => answer);
    await code(document);
    answer = refusal(401, 'Authentication required');
    await code('{ job(qrn: "a:2") { qrn } }');
    answer = refusal(429, 'Too many requests', { 'retry-after': '20' });
    clock.advance(10_000);
    expect(await code(document)).toBe('RATE_LIMITED');
    answer = undefined;
    clock.advance(20_000);
    await code(document);
    expect(asked()).toBe(4);
  });

  test('is shown nothing of an answer that comes after its refusal, and nothing of it is cached', async () => {
    const held = holdAnswers(jobService({ 'alice-key': [completed] }), (path) => path === '/jobs/a:1');
    const { query, upstream, clock } = await createTestGateway(
      overriding(held.script, ({ path }) => (path === '/jobs/a:2' ? refusal(401, 'no') : undefined)),
    );
    const waiting = query(readJob);
    await upstream.received(1);
    expect((await query('{ job(qrn: "a:2") { qrn } }')).errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' } },
    ]);
    const late = query(readJob);
    await arrived();
    held.release();
    expect((await waiting).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect((await late).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    clock.advance(10_000);
    await query(readJob);
    expect(upstream.requests.map(({ path }) => path)).toEqual(['/jobs/a:1', '/jobs/a:2', '/jobs/a:1']);
  });

  test('keeps no other key from anything', async () => {
    const { code } = await openGateway({ 'bob-key': [completed] });
    const asBob = { key: 'bob-key' };
    await code(readJob, asBob);
    await code(readJob);
    expect(await code(readJob, asBob)).toEqual({ job: { status: 'COMPLETED' } });
  });
});

describe('a job that upstream refuses', () => {
  test.each([
    ['NOT_FOUND', { 'alice-key': [] }],
    ['FORBIDDEN', { 'alice-key': [], 'bob-key': [completed] }],
  ])('as %s is not asked for again for a second', async (expected, lists) => {
    const { code, clock, asked } = await openGateway(lists);
    expect(await code(readJob)).toBe(expected);
    clock.advance(999);
    expect([await code(readJob), asked()]).toEqual([expected, 1]);
    clock.advance(1);
    expect([await code(readJob), asked()]).toEqual([expected, 2]);
  });

  test('is asked for again at once by who sends no-cache', async () => {
    const { code, asked } = await openGateway({ 'alice-key': [] });
    await code(readJob);
    await code(readJob, noCache);
    expect(asked()).toBe(2);
  });

  test('is null without an error where it is a node that does not exist, also from the cache', async () => {
    const { query, asked } = await openGateway({ 'alice-key': [] });
    const readNode = '{ node(id: "Sm9iOmE6MQ") { id } }';
    expect([await query(readNode), await query(readNode), asked()]).toEqual([
      { data: { node: null } },
      { data: { node: null } },
      1,
    ]);
  });

  test.each([
    ['NOT_FOUND', refusal(404, 'Job not found')],
    ['FORBIDDEN', refusal(403, 'not yours')],
  ])('as %s is no longer shown as it was before', async (expected, answer) => {
    let isRefused = false;
    const { code, clock } = await openGateway({ 'alice-key': [completed] }, () =>
      isRefused ? answer : undefined,
    );
    await code(readJob);
    isRefused = true;
    expect([await code(readJob, noCache), await code(readJob)]).toEqual([expected, expected]);
    clock.advance(5000);
    expect(await code(readJob)).toBe(expected);
  });

  test.each([
    ['itself', readJob],
    ['in a list that was read before', readList],
  ])('is not shown while nothing may be asked either: %s', async (_, document) => {
    let answer: UpstreamBehaviour | undefined;
    const { code, clock } = await openGateway({ 'alice-key': [completed] }, () => answer);
    await code(readList);
    answer = refusal(404, 'Job not found');
    await code(readJob, noCache);
    answer = refusal(429, 'Too many requests', { 'retry-after': '60' });
    clock.advance(2000);
    expect(await code(document)).toBe('RATE_LIMITED');
    clock.advance(2000);
    expect(await code(document)).toBe('RATE_LIMITED');
  });

  test('is not shown in a list that was read before, though that would still serve', async () => {
    const jobs: RawJob[] = [completed, aJob('a:2')];
    const { code, asked } = await openGateway({ 'alice-key': jobs });
    await code(readList);
    jobs.shift();
    await code(readJob, noCache);
    expect([await code(readList), asked()]).toEqual([{ jobs: { nodes: [{ qrn: 'a:2' }] } }, 3]);
  });

  test('is shown again once a list has it again', async () => {
    const jobs: RawJob[] = [];
    const { code, asked } = await openGateway({ 'alice-key': jobs });
    await code(readJob);
    jobs.push(completed);
    await code(readList);
    expect([await code(readJob), asked()]).toEqual([{ job: { status: 'COMPLETED' } }, 2]);
  });
});

describe('keys that upstream refuses, one after the other', () => {
  /** A gateway where Alice is known to be good, and so many keys were tried in vain. */
  async function openAfter(count: number) {
    const gateway = await openGateway({ 'alice-key': [completed], 'new-key': [aJob('a:1')] });
    await gateway.code(readJob);
    for (let index = 0; index < count; index += 1) {
      expect(await gateway.code(readJob, { key: `guess-${index}` })).toBe('UNAUTHENTICATED');
    }
    return gateway;
  }

  test('stop keys that were never good after 30 of them, without asking', async () => {
    const { query, code, clock, asked } = await openAfter(30);
    clock.advance(1000);
    for (const key of ['guess-30', 'new-key']) {
      expect((await query(readJob, { key })).errors).toMatchObject([
        { extensions: { code: 'RATE_LIMITED', retryAfterMs: WINDOW_MS - 1000 } },
      ]);
    }
    expect(asked()).toBe(31);
    clock.advance(WINDOW_MS - 1000);
    expect(await code(readJob, { key: 'new-key' })).toEqual({ job: { status: 'RUNNING' } });
  });

  test('stop nobody before', async () => {
    const { code } = await openAfter(29);
    expect(await code(readJob, { key: 'new-key' })).toEqual({ job: { status: 'RUNNING' } });
  });

  test('never stop a key that was good once', async () => {
    const { code, clock, asked } = await openAfter(30);
    clock.advance(300_000);
    expect([await code(readJob), asked()]).toEqual([{ job: { status: 'COMPLETED' } }, 32]);
  });

  test('leave the good keys of a team going on', async () => {
    const { query } = await openAfter(30);
    const team = { keys: 'new=new-key, alice=alice-key' };
    expect(await query('{ job(qrn: "a:1") { status keys } }', team)).toEqual({
      data: { job: { status: 'COMPLETED', keys: ['alice'] } },
    });
  });
});
