import { GraphQLError } from 'graphql';
import { createSchema, createYoga, type Plugin } from 'graphql-yoga';
import { describe, expect, test } from 'vitest';
import { createClientAddresses } from '../../src/server/clients/client-addresses.ts';
import { OverloadGuard } from '../../src/server/lifecycle/overload-guard.ts';
import { useClientAddress } from '../../src/server/plugins/use-client-address.ts';
import { useOverloadProtection } from '../../src/server/plugins/use-overload-protection.ts';
import { createWaiters } from '../support/create-waiters.ts';

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  /** Where it comes from. */
  readonly address?: string;
  /** Sent instead of an operation. */
  readonly body?: string | ReadableStream;
}

interface Options {
  readonly maxOperationsInFlight: number;
  readonly eventLoopDelayMs?: () => number;
  readonly plugin?: Plugin;
}

/** A server with the plugin whose field `hold` is not answered until it is let go. */
function createProtectedServer({ maxOperationsInFlight, eventLoopDelayMs = () => 0, plugin = {} }: Options) {
  let held = 0;
  const waiters = createWaiters();
  const addresses = createClientAddresses([]);
  const resolvers = {
    Query: {
      ok: () => true,
      fail: () => Promise.reject(new GraphQLError('failed')),
      hold: () => {
        held += 1;
        waiters.tell();
        return waiters.until(() => held === 0).then(() => true);
      },
    },
    Subscription: {
      open: {
        subscribe: async function* () {
          await waiters.until(() => false);
          yield true;
        },
      },
    },
  };
  const typeDefs =
    'type Query { ok: Boolean fail: Boolean hold: Boolean } type Subscription { open: Boolean }';
  const yoga = createYoga({
    schema: createSchema({ typeDefs, resolvers }),
    logging: false,
    plugins: [
      useClientAddress(addresses),
      useOverloadProtection({
        guard: new OverloadGuard({
          config: { maxOperationsInFlight, maxEventLoopDelayMs: 500 },
          eventLoopDelayMs,
        }),
        addresses,
        keyRings: null,
      }),
      plugin,
    ],
  });
  return {
    async send(query: string, { headers = {}, address = '10.0.0.1', body }: Sent = {}) {
      const init = {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: body ?? JSON.stringify({ query }),
        duplex: 'half',
      };
      return yoga.fetch('http://gateway/graphql', init, { req: { socket: { remoteAddress: address } } });
    },
    /** Resolves once so many wait for their answers. */
    holding: (count: number) => waiters.until(() => held === count),
    release() {
      held = 0;
      waiters.tell();
    },
  };
}

describe('one operation too many', () => {
  test('is refused at once, before its body is read', async () => {
    const { send, holding, release } = createProtectedServer({ maxOperationsInFlight: 2 });
    const answers = [send('{ hold }', { address: '10.0.0.1' }), send('{ hold }', { address: '10.0.0.2' })];
    await holding(2);

    const response = await send('', { address: '10.0.0.3', body: new ReadableStream() });

    expect([response.status, response.headers.get('retry-after'), await response.json()]).toEqual([
      503,
      '1',
      {
        errors: [
          {
            message: 'The gateway has more to do than it can: try again after 1 s.',
            extensions: { code: 'OVERLOADED', retryAfterMs: 1000 },
          },
        ],
      },
    ]);
    release();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200]);
  });

  test.each([
    ['application/graphql-response+json', 'application/graphql-response+json; charset=utf-8'],
    ['application/json', 'application/json; charset=utf-8'],
    ['text/event-stream', 'application/json; charset=utf-8'],
  ])('that accepts %s is refused as %s', async (accept, type) => {
    const { send } = createProtectedServer({ maxOperationsInFlight: 1, eventLoopDelayMs: () => 501 });
    const { headers } = await send('{ ok }', { headers: { accept } });
    expect(headers.get('content-type')).toBe(type);
  });

  test.each<[whose: string, first: Sent, second: Sent, isRefused: boolean]>([
    ['the same key', { headers: { 'x-api-key': 'a' } }, { headers: { 'x-api-key': 'a' } }, true],
    [
      'the same key from another address',
      { headers: { 'x-api-key': 'a' } },
      { headers: { 'x-api-key': 'a' }, address: '10.0.0.2' },
      true,
    ],
    [
      'the same keys in another order',
      { headers: { 'x-api-keys': 'x=a,y=b' } },
      { headers: { 'x-api-keys': 'b,a' } },
      true,
    ],
    ['another key', { headers: { 'x-api-key': 'a' } }, { headers: { 'x-api-key': 'b' } }, false],
    ['the same address without a key', {}, {}, true],
    ['the same address without a well-formed key', {}, { headers: { 'x-api-key': '?' } }, true],
    ['another address without a key', {}, { address: '10.0.0.2' }, false],
  ])('of %s, while half of the places are its own', async (_, first, second, isRefused) => {
    const { send, holding, release } = createProtectedServer({ maxOperationsInFlight: 4 });
    const answers = [send('{ hold }', first), send('{ hold }', first)];
    await holding(2);

    const { status } = await send('{ ok }', second);

    release();
    await Promise.all(answers);
    expect(status === 503).toBe(isRefused);
  });

  test.each([
    [500, 200],
    [501, 503],
  ])('comes while the event loop is %i ms late: %i', async (delayMs, expected) => {
    const { send } = createProtectedServer({ maxOperationsInFlight: 1, eventLoopDelayMs: () => delayMs });
    const { status } = await send('{ ok }');
    expect(status).toBe(expected);
  });
});

describe('a place is free again after an operation', () => {
  const broken = () => {
    throw new Error('broken');
  };
  const ifMarked = ({ request }: { readonly request: Request }) => {
    if (request.headers.has('x-broken')) broken();
  };

  test.each<[how: string, query: string, sent: Sent, plugin?: Plugin]>([
    ['that was answered', '{ ok }', {}],
    ['that failed', '{ fail }', {}],
    ['that was no operation', '', { body: '{' }],
    ['whose body broke off', '', { body: new ReadableStream({ pull: broken }) }],
    ['that a plugin did not let in', '{ ok }', { headers: { 'x-broken': '' } }, { onRequest: ifMarked }],
    ['whose answer a plugin spoilt', '{ ok }', { headers: { 'x-broken': '' } }, { onResponse: ifMarked }],
    ['that opened an event stream', 'subscription { open }', { headers: { accept: 'text/event-stream' } }],
  ])('%s', async (_, query, sent, plugin = {}) => {
    const { send, holding, release } = createProtectedServer({ maxOperationsInFlight: 1, plugin });
    await send(query, sent).catch(() => {});

    const held = send('{ hold }');
    await holding(1);
    const refused = await send('{ ok }');
    release();

    expect([(await held).status, refused.status]).toEqual([200, 503]);
  });
});
