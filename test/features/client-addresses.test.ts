import { describe, expect, test } from 'vitest';
import { createTestGateway, type QueryOptions } from '../support/create-test-gateway.ts';
import { openStream } from '../support/event-stream.ts';
import { aJob } from '../support/job-builder.ts';
import { type JobLists, jobService, overriding, refusal } from '../support/job-service.ts';
import type { UpstreamBehaviour, UpstreamRequest } from '../support/scripted-upstream.ts';

const WINDOW_MS = 900_000;
const ATTACKER = '203.0.113.66';
const VISITOR = '203.0.113.7';

const readJob = '{ job(qrn: "a:1") { status } }';
const ANSWER = { job: { status: 'RUNNING' } };
const KEYS: JobLists = { 'alice-key': [aJob('a:1')], 'new-key': [aJob('a:1')], 'late-key': [aJob('a:1')] };

/** A gateway where Alice is known to be good; `code` is what an address gets with a key. */
async function openGateway(
  environment: Readonly<Record<string, string>> = {},
  answer: (request: UpstreamRequest) => UpstreamBehaviour | undefined = () => undefined,
) {
  const gateway = await createTestGateway(overriding(jobService(KEYS), answer), environment);
  await gateway.query(readJob);
  const code = async (address: string, key: string, options: QueryOptions = {}) => {
    const { data, errors } = await gateway.query(readJob, { address, key, ...options });
    return errors === undefined ? data : errors[0]?.extensions.code;
  };
  /** Tries so many keys that nobody has, all at once or one after the other. Gives how often each answer came. */
  async function attack(addressOf: (index: number) => string, count: number, options?: QueryOptions) {
    const codes: Record<string, number> = {};
    for (let index = 0; index < count; index += 1) {
      const got = await code(addressOf(index), `guess-${index}`, options);
      codes[got] = (codes[got] ?? 0) + 1;
    }
    return codes;
  }
  const guesses = () => gateway.upstream.requests.filter(({ key }) => key?.startsWith('guess')).length;
  return { ...gateway, code, attack, guesses };
}

describe('an address that tries 100 keys', () => {
  test('reaches upstream with 30 of them, locks nobody else out, and no key that was good once', async () => {
    const { code, attack, guesses, clock } = await openGateway();

    const codes = await attack(() => ATTACKER, 100);

    expect([codes, guesses()]).toEqual([{ UNAUTHENTICATED: 30, RATE_LIMITED: 70 }, 30]);
    expect(await code(VISITOR, 'new-key')).toEqual(ANSWER);
    expect(await code(ATTACKER, 'late-key')).toBe('RATE_LIMITED');
    clock.advance(300_000);
    expect([await code(ATTACKER, 'alice-key'), await code(ATTACKER, 'new-key')]).toEqual([ANSWER, ANSWER]);
    clock.advance(WINDOW_MS - 300_000);
    expect(await code(ATTACKER, 'late-key')).toEqual(ANSWER);
  });

  test('reaches it with no more of them where it tries all at once', async () => {
    const { code, guesses } = await openGateway();
    const codes = await Promise.all(
      Array.from({ length: 100 }, (_, index) => code(ATTACKER, `guess-${index}`)),
    );
    expect([guesses(), codes.filter((each) => each === 'RATE_LIMITED').length]).toEqual([30, 70]);
    expect(await code(VISITOR, 'new-key')).toEqual(ANSWER);
  });

  test('reaches it with no more of them where it never waits for an answer', async () => {
    const isGuess = ({ key }: UpstreamRequest) => key?.startsWith('guess') === true;
    const { code, query, guesses, upstream } = await openGateway({ MAX_REFUSED_KEYS: '4' }, (request) =>
      isGuess(request) ? 'hang' : undefined,
    );
    for (let index = 0; index < 4; index += 1) {
      const leaver = new AbortController();
      const left = query(readJob, { address: ATTACKER, key: `guess-${index}`, signal: leaver.signal });
      await upstream.received(index + 2);
      leaver.abort();
      await left.catch(() => 'gone');
      await upstream.abandoned(index + 1);
    }
    expect([await code(ATTACKER, 'guess-4'), guesses()]).toEqual(['RATE_LIMITED', 4]);
    expect(await code(VISITOR, 'new-key')).toEqual(ANSWER);
  });

  test('reaches it with no more of them where it subscribes', async () => {
    const gateway = await openGateway({ MAX_REFUSED_KEYS: '2' });
    const subscription = 'subscription { jobUpdated(qrns: ["a:1"]) { status } }';
    const first = async (address: string, key: string) =>
      (await openStream(gateway, subscription, { address, key })).next();
    await first(ATTACKER, 'guess-0');
    await first(ATTACKER, 'guess-1');
    expect(await gateway.code(ATTACKER, 'guess-2')).toBe('RATE_LIMITED');
    expect(await first(VISITOR, 'new-key')).toEqual({ data: { jobUpdated: { status: 'RUNNING' } } });
  });
});

test('a dead key that a dashboard asks with all day leaves its address a share for new keys', async () => {
  const { code, guesses, clock } = await openGateway();
  for (let atMs = 0; atMs < WINDOW_MS; atMs += 2000) {
    expect(await code(VISITOR, 'guess-0')).toBe('UNAUTHENTICATED');
    clock.advance(2000);
  }
  expect([guesses(), await code(VISITOR, 'new-key')]).toEqual([7, ANSWER]);
});

describe('the share of an address', () => {
  test('is set by the environment', async () => {
    const { attack } = await openGateway({ MAX_REFUSED_KEYS: '2' });
    expect(await attack(() => ATTACKER, 5)).toEqual({ UNAUTHENTICATED: 2, RATE_LIMITED: 3 });
  });

  test('is used up by answers, not by keys', async () => {
    const { code, clock } = await openGateway({ MAX_REFUSED_KEYS: '2' });
    for (const waitMs of [10_000, 20_000]) {
      expect(await code(VISITOR, 'guess-0')).toBe('UNAUTHENTICATED');
      clock.advance(waitMs);
    }
    expect([await code(VISITOR, 'new-key'), await code(VISITOR, 'guess-0')]).toEqual([
      'RATE_LIMITED',
      'RATE_LIMITED',
    ]);
  });

  test('says when it is worth another try', async () => {
    const { query, attack, clock } = await openGateway({ MAX_REFUSED_KEYS: '2' });
    await attack(() => ATTACKER, 2);
    clock.advance(1000);
    expect((await query(readJob, { address: ATTACKER, key: 'new-key' })).errors).toMatchObject([
      { extensions: { code: 'RATE_LIMITED', retryAfterMs: WINDOW_MS - 1000 } },
    ]);
  });

  test.each([
    ['all addresses of an IPv6 network', (index: number) => `2001:db8:1:2::${index + 1}`, {}],
    ['an IPv4 address in either notation', (index: number) => `${index % 2 ? '' : '::ffff:'}192.0.2.1`, {}],
    ['those whose address nobody knows', () => '', {}],
    [
      'one who writes other addresses into X-Forwarded-For',
      () => ATTACKER,
      { TRUSTED_PROXIES: '10.0.0.0/8' },
    ],
  ])('is that of %s', async (_, addressOf, environment) => {
    const { attack } = await openGateway({ MAX_REFUSED_KEYS: '4', ...environment });
    const options = { headers: { 'x-forwarded-for': '1.2.3.4' } };
    expect(await attack(addressOf, 6, options)).toEqual({ UNAUTHENTICATED: 4, RATE_LIMITED: 2 });
  });

  test('is that of the client behind a trusted proxy, not of the proxy', async () => {
    const { code } = await openGateway({ MAX_REFUSED_KEYS: '2', TRUSTED_PROXIES: '10.0.0.0/8' });
    const behindProxy = (client: string, key: string) =>
      code('10.0.0.1', key, { headers: { 'x-forwarded-for': `8.8.8.8, ${client}` } });
    for (const key of ['guess-0', 'guess-1']) await behindProxy(ATTACKER, key);
    expect([await behindProxy(ATTACKER, 'new-key'), await behindProxy(VISITOR, 'new-key')]).toEqual([
      'RATE_LIMITED',
      ANSWER,
    ]);
  });
});

describe('a 429 of upstream to a key that was never accepted', () => {
  const limited = refusal(429, 'Too many requests', { 'retry-after': '60' });

  test('holds back that key from that address for as long as it says', async () => {
    let answer: UpstreamBehaviour | undefined = limited;
    const { code, clock, upstream } = await openGateway({}, ({ key }) =>
      key === 'new-key' ? answer : undefined,
    );
    await code(ATTACKER, 'new-key');
    answer = undefined;
    clock.advance(59_999);
    expect([await code(ATTACKER, 'new-key'), upstream.requests.length]).toEqual(['RATE_LIMITED', 2]);
    clock.advance(1);
    expect(await code(ATTACKER, 'new-key')).toEqual(ANSWER);
  });

  test('says each time that the key must wait, and not that others were refused', async () => {
    const { query } = await openGateway({}, ({ key }) => (key === 'new-key' ? limited : undefined));
    const message = async () =>
      (await query(readJob, { address: VISITOR, key: 'new-key' })).errors?.[0]?.message;
    expect([await message(), await message()]).toEqual([
      'The qBraid API got too many requests of this user: wait before the next one.',
      'The key may send no more requests upstream for now.',
    ]);
  });

  test('lets keys from other addresses ask for themselves', async () => {
    let answer: UpstreamBehaviour | undefined = limited;
    const { code, clock } = await openGateway({}, ({ key }) => (key === 'alice-key' ? undefined : answer));
    expect(await code(ATTACKER, 'new-key')).toBe('RATE_LIMITED');
    answer = undefined;
    clock.advance(1);
    expect([await code(VISITOR, 'late-key'), await code(VISITOR, 'new-key')]).toEqual([ANSWER, ANSWER]);
    // By now the key is known to be good.
    clock.advance(5000);
    expect(await code(ATTACKER, 'new-key')).toEqual(ANSWER);
  });
});
