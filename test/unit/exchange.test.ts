import type { Dispatcher } from 'undici';
import { expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { exchange } from '../../src/upstream/exchange.ts';
import { createFakeClock } from '../support/fake-clock.ts';

/** A fifth of what so many pieces would take. */
const MAX_GROWTH_BYTES = 100_000_000;

/** Answers a request with these pieces of a body. */
function answer(pieces: Iterable<Buffer>) {
  const add = ({ handler }: { handler: Dispatcher.DispatchHandler }) => {
    const controller = {} as Dispatcher.DispatchController;
    handler.onRequestStart?.(controller, {});
    handler.onResponseStart?.(controller, 200, {}, 'OK');
    for (const piece of pieces) handler.onResponseData?.(controller, piece);
    handler.onResponseEnd?.(controller, {});
  };
  return exchange({ add }, {} as Dispatcher, {
    method: 'GET',
    origin: 'http://127.0.0.1',
    path: '/',
    key: new ApiKey('alice-key'),
    traceHeaders: {},
    timeoutMs: 1000,
    clock: createFakeClock(),
    signal: undefined,
  });
}

test.each([0, 1, 2, 1023, 1024, 1025, 5000])('an answer in %i pieces is whole', async (count) => {
  const texts = Array.from({ length: count }, (_, index) => `${index} `);
  const { bytes } = await answer(texts.map((text) => Buffer.from(text)));
  expect(bytes.toString()).toBe(texts.join(''));
});

test('an answer in very many pieces takes not much more memory than it is large', async () => {
  const whole = Buffer.alloc(5_000_000);
  const before = process.memoryUsage().heapUsed;
  let most = 0;
  const { bytes } = await answer(
    (function* () {
      for (let at = 0; at < whole.length; at += 1) {
        yield whole.subarray(at, at + 1);
        if (at % 500_000 === 0) most = Math.max(most, process.memoryUsage().heapUsed - before);
      }
    })(),
  );
  expect(bytes.length).toBe(whole.length);
  expect(most).toBeLessThan(MAX_GROWTH_BYTES);
});
