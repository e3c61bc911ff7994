import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import type { Bell, FleetLink } from '../../src/fleet/fleet-link.ts';
import { connectRedisLink } from '../../src/fleet/redis/connect-redis-link.ts';
import type { RedisLinkOptions } from '../../src/fleet/redis/redis-link-options.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { createWaiters } from '../support/create-waiters.ts';
import { landing, nothingMore, question, uniqueName } from '../support/fleet-link-contract.ts';
import { hasRedisServer, type RedisServer, startRedisServer } from '../support/redis-server.ts';
import { silentLogger } from '../support/silent-logger.ts';

const RETRY_MS = 250;
const EMPTIED_MS = 300;
const NOBODY = { partition: null, headSeq: 0 };

interface OpenedLink {
  readonly link: FleetLink;
  /** Resolves once a condition holds, which may change with `isUp` and `isListening`. */
  until(isReached: () => boolean): Promise<void>;
  /** What was logged, with its level. */
  readonly log: readonly string[];
  /** What the healer was called with. */
  readonly healed: readonly boolean[];
}

async function openLink(
  { onTestFinished }: TestContext,
  url: string,
  options: Partial<RedisLinkOptions> = {},
): Promise<OpenedLink> {
  const log: string[] = [];
  const logger = {
    ...silentLogger,
    info: (_facts: object, message: string) => log.push(`info: ${message}`),
    warn: (_facts: object, message: string) => log.push(`warn: ${message}`),
    error: (_facts: object, message: string) => log.push(`error: ${message}`),
  };
  const link = await connectRedisLink({
    url,
    replica: uniqueName('replica'),
    clock: systemClock,
    logger,
    retryMs: RETRY_MS,
    // A machine with other work may take long. What is late on purpose has a deadline of its own.
    deadlineMs: 2000,
    emptiedMs: EMPTIED_MS,
    ...options,
  });
  onTestFinished(() => link.close());
  const waiters = createWaiters();
  link.onChange(waiters.tell);
  const healed: boolean[] = [];
  link.onReconnect(async (isEmptied) => void healed.push(isEmptied));
  return { link, until: waiters.until, log, healed };
}

/** Hears what others do with a key from now on. */
async function hearBells(link: FleetLink, name: string) {
  const bells: Bell[] = [];
  const { tell, until } = createWaiters();
  await link.follow(name, (bell) => {
    bells.push(bell);
    tell();
  });
  return { bells, until };
}

/** A clock that is so far ahead of this machine's. */
function clockAhead(ms: number): Clock {
  return { ...systemClock, now: () => systemClock.now() + ms };
}

/** Whether something rejects before anything else can happen. */
async function rejectsAtOnce(promise: Promise<unknown>): Promise<boolean> {
  const rejected = promise.then(
    () => false,
    () => true,
  );
  return Promise.race([rejected, setImmediate(false)]);
}

describe.skipIf(!hasRedisServer())('a link to Redis', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedisServer();
  });

  afterAll(() => server.close());

  test.for(['url', 'socketUrl'] as const)(
    'is up when it has been opened: with the %s',
    async (form, context) => {
      const { link, log } = await openLink(context, server[form]);
      expect([link.isUp, link.isListening, log]).toEqual([true, true, []]);
    },
  );

  test.each(['http://localhost', 'redis://user:secret@', 'unix:relative'])(
    'refuses %s as a URL, and does not repeat it',
    async (url) => {
      const options = { replica: 'a', clock: systemClock, logger: silentLogger };
      await expect(connectRedisLink({ ...options, url })).rejects.toThrow(/^The URL .* complete\.$/);
    },
  );

  test('tells the time of the server', async (context) => {
    const { link } = await openLink(context, server.url, { clock: clockAhead(3000) });
    expect(link.isUp).toBe(true);
    expect(Math.abs(link.nowMs() - systemClock.now())).toBeLessThan(100);
  });

  test('is down if the clocks differ by more than five seconds, and says so loudly', async (context) => {
    const { link, log } = await openLink(context, server.url, { clock: clockAhead(6000) });
    expect([link.isUp, log]).toEqual([
      false,
      ['error: the clocks of the fleet differ by more than 5 s: set them'],
    ]);
  });

  test('is down if the server does not accept its password', async (context) => {
    const { link, log } = await openLink(context, server.url.replace(/:[^:]*@/, ':wrong@'));
    expect([link.isUp, link.isListening, log]).toEqual([
      false,
      false,
      ['warn: the server of the fleet is gone'],
    ]);
  });

  test('warns of an eviction policy that drops what is needed', async (context) => {
    await server.run('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const { link, log } = await openLink(context, server.url);
    await server.run('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl');
    expect(link.isUp).toBe(true);
    expect(log).toEqual([
      'warn: maxmemory-policy should be volatile-ttl: a full server drops what is still needed',
    ]);
  });

  test('gives all its scripts at once to a server that has none', async (context) => {
    await server.run('SCRIPT', 'FLUSH');
    const { link } = await openLink(context, server.url);
    const name = uniqueName('key');
    await server.run('CONFIG', 'RESETSTAT');
    const { partition, request } = { partition: 'p', request: 'r1' };
    await link.ask(name, question({ request }));
    await link.land(name, landing(partition, { sent: { request, atMs: 1 } }));
    await link.pull(name, NOBODY);
    expect(await server.run('INFO', 'errorstats')).not.toContain('NOSCRIPT');
  });

  test('does not take a server for gone because its own process stood still before it wrote', async (context) => {
    const { link, log } = await openLink(context, server.url, { deadlineMs: 1000 });
    server.pause();
    const pulled = link.pull(uniqueName('key'), NOBODY);
    const endMs = performance.now() + 1100;
    while (performance.now() < endMs);
    await setTimeout(30);
    server.resume();
    expect(await pulled).toMatchObject({ partition: null });
    expect([link.isUp, log]).toEqual([true, []]);
  });

  test('gives its scripts to a server that has lost them', async (context) => {
    const { link } = await openLink(context, server.url);
    await server.run('SCRIPT', 'FLUSH');
    expect(await link.ask(uniqueName('key'), question())).toMatchObject({ kind: 'go' });
    expect(link.isUp).toBe(true);
  });

  test('gives all that it writes a lifetime', async (context) => {
    const { link } = await openLink(context, server.url);
    const name = uniqueName('key');
    const { claim, request } = question();
    await link.ask(name, question({ request }));
    await link.land(name, landing('p', { subject: 's' }));
    const [own, minute] = [`qgg1:{${name}}`, 60_000];
    const lifetimes = [
      [`${own}:acct`, 24 * 60 * minute],
      [`${own}:sent`, minute],
      [`${own}:p:log`, 15 * minute],
      [`${own}:p:sub`, 15 * minute],
      [`${own}:p:claims`, minute],
      ['qgg1:alive', 24 * 60 * minute],
    ] as const;

    const keys = (await server.run('KEYS', `*${name}*`)) as string[];
    expect(claim.group).toBe('jobs');
    expect([...keys, 'qgg1:alive'].sort()).toEqual(lifetimes.map(([key]) => key).sort());
    for (const [key, lifeMs] of lifetimes) {
      const leftMs = Number(await server.run('PTTL', key));
      expect([key, leftMs > lifeMs - 10_000 && leftMs <= lifeMs]).toEqual([key, true]);
    }
  });

  test('gives what it writes of a key that was never accepted a short lifetime', async (context) => {
    const { link } = await openLink(context, server.url);
    const name = uniqueName('key');
    await link.ask(name, question());
    expect(Number(await server.run('PTTL', `qgg1:{${name}}:acct`))).toBeLessThanOrEqual(900_000);
  });

  test('rejects what is asked of a key whose data nobody understands, and goes on with the others', async (context) => {
    const { link, log } = await openLink(context, server.url);
    const [broken, other] = [uniqueName('key'), uniqueName('key')];
    const own = `qgg1:{${broken}}`;
    await link.land(broken, landing('p'));
    await server.run('HSET', `${own}:p:claims`, 'jobs 0 1', 'nonsense');
    await server.run('HSET', `${own}:acct`, 'held', 'nonsense');
    await expect(link.ask(broken, question({ partition: 'p' }))).rejects.toThrow();
    const heldUntilMs = link.nowMs();
    await link.heal(broken, { ...nothingMore('p'), heldUntilMs });
    expect(await link.ask(other, question())).toMatchObject({ kind: 'go' });
    expect([link.isUp, log]).toEqual([true, []]);
  });

  test('goes on with a key whose numbers are none', async (context) => {
    const { link } = await openLink(context, server.url);
    const name = uniqueName('key');
    const own = `qgg1:{${name}}`;
    await link.land(name, landing('p'));
    await server.run('HSET', `${own}:p:sub`, '.bytes', 'nonsense');
    await server.run('HSET', `${own}:acct`, 'last', '9'.repeat(20), 'head', 'nonsense', 'gap', 'nan');
    expect(await link.land(name, landing('p'))).toMatchObject({ kind: 'landed', isShared: true });
    expect((await link.pull(name, NOBODY)).readings).toHaveLength(1);
  });

  test.for(['acct', 'sent', 'p:log', 'p:sub', 'p:claims'])(
    'removes what somebody has put in the place of what it keeps of a key: %s',
    async (part, context) => {
      const { link, log } = await openLink(context, server.url);
      const name = uniqueName('key');
      await link.land(name, landing('p'));
      const breakIt = () => server.run('SET', `qgg1:{${name}}:${part}`, 'nonsense');
      const position = { partition: 'p', headSeq: Number.MAX_SAFE_INTEGER };
      const request = 'r1';
      const sent = { request, atMs: 1 };
      const { claim } = question();
      await breakIt();
      expect(await link.ask(name, question({ request, ...position }))).toMatchObject({ kind: 'go' });
      await breakIt();
      await link.renew(name, { partition: 'p', claim, request, retry: null });
      await breakIt();
      await link.pull(name, position);
      await breakIt();
      await link.heal(name, nothingMore('p'));
      await breakIt();
      const failure = { partition: 'p', claim, sent, error: null, subject: 's' };
      await link.fail(name, { ...failure, meaning: { kind: 'none' } });
      await breakIt();
      expect(await link.land(name, landing('p'))).toMatchObject({ kind: 'landed', isShared: true });
      expect([link.isUp, log]).toEqual([true, []]);
    },
  );

  test.for([
    'x held',
    'x landed p',
    'x failed p',
    'x refused p',
    'x landed p 0 inf 1 s r 1 .',
    'x',
    'x later words',
  ])('tells of a bell that nobody can read: %s', async (message, context) => {
    const { link } = await openLink(context, server.url);
    const name = uniqueName('key');
    const { bells, until: untilRung } = await hearBells(link, name);
    await server.run('PUBLISH', `qgg1:{${name}}`, message);
    await untilRung(() => bells.length === 1);
    expect(bells).toEqual([{ kind: 'unclear' }]);
  });

  test('gives what no script has written as nothing that can be opened or counted', async (context) => {
    const { link, log } = await openLink(context, server.url);
    const name = uniqueName('key');
    const own = `qgg1:{${name}}`;
    await link.land(name, landing('p', { subject: 'first' }));
    await server.run('XADD', `${own}:p:log`, '*', 'a', 'b');
    await server.run('ZADD', `${own}:sent`, 'inf', 'evil');
    const { readings, headSeq, sent } = await link.pull(name, NOBODY);
    expect(readings).toMatchObject([{ subject: 'first' }, { sealed: '', askedSeq: 0, sent: { atMs: 0 } }]);
    expect([headSeq, sent]).toEqual([readings[1]?.readSeq, []]);
    for (let index = 0; index < 257; index += 1)
      await link.land(name, landing('p', { subject: `s${index}` }));
    expect((await link.pull(name, NOBODY)).readings).toHaveLength(256);
    expect([link.isUp, log]).toEqual([true, []]);
  });

  test('goes on asking while the server is full, shares only what is small, and says so once', async (context) => {
    const { link, log } = await openLink(context, server.url);
    const other = await openLink(context, server.url);
    const name = uniqueName('key');
    const { bells, until: untilRung } = await hearBells(other.link, name);
    await server.run('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await server.run('CONFIG', 'SET', 'maxmemory', '1mb');
    const request = 'r1';
    const asked = await link.ask(name, question({ request }));
    const sent = { request, atMs: 1 };
    const renewed = await link.renew(name, { partition: 'p', claim: question().claim, request, retry: null });
    const large = await link.land(name, landing('p', { sent, sealed: 'x'.repeat(65_536) }));
    const small = await link.land(name, landing('p', { sent }));
    const next = await link.ask(
      name,
      question({ request: 'r2', partition: 'p', headSeq: small.kind === 'landed' ? small.readSeq : 0 }),
    );
    await link.fail(name, {
      partition: 'p',
      claim: question().claim,
      sent: { request: 'r2', atMs: 1 },
      error: 'sealed',
      subject: 's',
      meaning: { kind: 'none' },
    });
    await link.heal(name, nothingMore('p'));
    const state = await link.pull(name, NOBODY);
    await untilRung(() => bells.length === 3);
    await server.run('CONFIG', 'SET', 'maxmemory', '0');

    expect([asked.kind, renewed, next.kind]).toEqual(['go', 'renewed', 'go']);
    expect([large, small]).toMatchObject([{ isShared: false }, { isShared: true }]);
    expect(state.readings).toMatchObject([{ sealed: 'x' }]);
    expect(bells).toMatchObject([
      { kind: 'landed', reading: null },
      { kind: 'landed', reading: { sealed: 'x' } },
      { kind: 'failed' },
    ]);
    expect([link.isUp, log]).toEqual([
      true,
      ['warn: the server of the fleet is full: replicas share only what is small'],
    ]);
  });

  test('hears bells again after its connection for them was cut', async (context) => {
    const [{ link, until }, other] = [
      await openLink(context, server.url),
      await openLink(context, server.url),
    ];
    const name = uniqueName('key');
    const { bells, until: untilRung } = await hearBells(link, name);

    await server.run('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until(() => !link.isListening);
    expect(link.isUp).toBe(true);
    await expect(link.follow(name, () => {})).rejects.toThrow();
    await until(() => link.isListening);

    await other.link.land(name, landing('p'));
    await untilRung(() => bells.length === 1);
  });
});

describe.skipIf(!hasRedisServer()).concurrent('a link to Redis, when its server', () => {
  async function setup(context: TestContext, options: Partial<RedisLinkOptions> = {}) {
    const server = await startRedisServer();
    context.onTestFinished(() => server.close());
    return { server, ...(await openLink(context, server.socketUrl, options)) };
  }

  test('stands still, rejects all commands within their deadline, then at once, and comes back', async (context) => {
    const { server, link, until, log, healed } = await setup(context, { deadlineMs: 100 });
    const name = uniqueName('key');

    await until(() => link.isUp);
    server.pause();
    await Promise.all(
      [link.ask(name, question()), link.pull(name, NOBODY)].map((late) =>
        expect(late).rejects.toThrow('within 100 ms'),
      ),
    );
    expect(link.isUp).toBe(false);
    expect(await rejectsAtOnce(link.ask(name, question()))).toBe(true);
    await until(() => !link.isListening);
    server.resume();
    await until(() => link.isUp && link.isListening);

    expect(healed.at(-1)).toBe(false);
    expect(log.slice(-2)).toEqual([
      'warn: the server of the fleet is gone',
      'info: the server of the fleet is back',
    ]);
  });

  test('stands still, does not do what came too late when it goes on', async (context) => {
    // Far apart: on a busy machine, the link is off by some milliseconds about the time of the server.
    const { server, link, until } = await setup(context, { deadlineMs: 400 });
    const name = uniqueName('key');
    server.pause();
    await expect(link.ask(name, question({ expiresMs: link.nowMs() + 20 }))).rejects.toThrow();
    server.resume();
    await until(() => link.isUp);
    expect(await link.pull(name, NOBODY)).toMatchObject({ partition: null, sent: [] });
  });

  test('stands still, ends the claim of a request that it granted too late', async (context) => {
    const { server, link, until } = await setup(context, { deadlineMs: 100 });
    const name = uniqueName('key');
    server.pause();
    const late = question({ request: 'late', expiresMs: link.nowMs() + 60_000 });
    await expect(link.ask(name, late)).rejects.toThrow();
    server.resume();
    await until(() => link.isUp);
    // A claim by itself would last for three seconds.
    const next = () => link.ask(name, question({ request: 'next', partition: 'p' }));
    await expect.poll(next).toMatchObject({ kind: 'go' });
  });

  test('is killed, rejects commands at once, and counts what comes back as emptied', async (context) => {
    const { server, link, until, healed } = await setup(context);
    await server.kill();
    await until(() => !link.isUp && !link.isListening);
    expect(await rejectsAtOnce(link.ask('key', question()))).toBe(true);
    await server.start();
    await until(() => link.isUp && link.isListening);
    expect(healed).toEqual([true, false]);
  });

  test('is absent at first, starts without it, says so once, and heals before it goes up', async (context) => {
    const server = await startRedisServer();
    context.onTestFinished(() => server.close());
    await server.kill();
    const { link, until, log } = await openLink(context, server.socketUrl);
    expect([link.isUp, link.isListening]).toEqual([false, false]);
    expect(Math.abs(link.nowMs() - systemClock.now())).toBeLessThan(1);
    const name = uniqueName('key');
    link.onReconnect(() =>
      link.heal(name, nothingMore('p')).then(() => {
        expect(link.isUp).toBe(false);
      }),
    );

    await setTimeout(3 * RETRY_MS);
    await server.start();
    await until(() => link.isUp && link.isListening);

    expect(await link.pull(name, NOBODY)).toMatchObject({ partition: 'p' });
    expect(log).toEqual(['warn: the server of the fleet is gone', 'info: the server of the fleet is back']);
  });

  test('loses its data, counts nothing any more before that is healed', async (context) => {
    const { server, link, until } = await setup(context, { retryMs: 2000 });
    await server.run('FLUSHALL');
    await expect(link.ask(uniqueName('key'), question())).rejects.toThrow('lost its data');
    expect(link.isUp).toBe(false);
    await until(() => link.isUp);
  });

  test('is new, is used only after a while, also by a replica that has met no other', async (context) => {
    const { server } = await setup(context);
    await server.run('FLUSHALL');
    const begin = performance.now();
    const young = await openLink(context, server.socketUrl);
    expect(young.link.isUp).toBe(false);
    await young.until(() => young.link.isUp);
    expect(performance.now() - begin).toBeGreaterThan(EMPTIED_MS - 50);
  });

  test('loses its data, heals, and stays down for a while', async (context) => {
    const { server, link, until, healed } = await setup(context);
    await server.run('FLUSHALL');
    await until(() => !link.isUp);
    const begin = performance.now();
    await until(() => link.isUp);
    expect(performance.now() - begin).toBeGreaterThan(EMPTIED_MS - 50);
    expect(healed).toEqual([true, false]);
  });

  test('does not go up before it is healed', async (context) => {
    const { server, link, until, healed } = await setup(context);
    let failures = 2;
    link.onReconnect(async () => {
      failures -= 1;
      if (failures >= 0) throw new Error('not healed');
    });
    await server.run('FLUSHALL');
    await until(() => !link.isUp);
    await until(() => link.isUp);
    expect(healed).toEqual([true, true, true, false]);
  });

  test('accepts no writes, goes down until it does', async (context) => {
    const { server, link, until } = await setup(context);
    await server.run('REPLICAOF', '127.0.0.1', '1');
    await expect(link.ask('key', question())).rejects.toThrow('READONLY');
    expect(link.isUp).toBe(false);
    await server.run('REPLICAOF', 'NO', 'ONE');
    await until(() => link.isUp);
  });

  test.for([['-publish'], ['resetchannels']])(
    'rings no bells (%s), is down until it does',
    async ([rule], context) => {
      const { server, link, until } = await setup(context);
      const name = uniqueName('key');
      await server.run('ACL', 'SETUSER', 'qbraid-gateway', rule ?? '');
      await expect(link.land(name, landing('p'))).rejects.toThrow();
      await until(() => !link.isUp);
      const changes: boolean[] = [];
      link.onChange(() => changes.push(link.isUp));
      await setTimeout(4 * RETRY_MS);
      expect(changes.filter((isUp) => isUp)).toEqual([]);
      await server.run('ACL', 'SETUSER', 'qbraid-gateway', '+publish', '&qgg1:*');
      await until(() => link.isUp);
    },
  );

  test('accepts connections and says nothing, starts without it', async (context) => {
    const sockets = new Set<Socket>();
    const mute = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const address = mute.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { link } = await openLink(context, `redis://127.0.0.1:${port}`);
    for (const socket of sockets) socket.destroy();
    mute.close();
    expect(link.isUp).toBe(false);
  });
});
