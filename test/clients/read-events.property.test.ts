import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readEvents, type ServerEvent } from '../../clients/src/client/read-events.ts';

const anyLine = fc.string({ unit: 'binary' }).map((text) => text.replaceAll(/[\r\n]/g, ' '));
const anyEvent = fc.record({
  event: fc.constantFrom('next', 'complete', 'message'),
  data: fc.array(anyLine, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n')),
});
const anyEnding = fc.constantFrom('\n', '\r\n', '\r');

describe('an event stream', () => {
  test('gives the events that were sent, however its lines end and its bytes are divided', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyEvent, { maxLength: 4 }),
        anyEnding,
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        async (events, ending, sizes) => {
          const text = events.map((event) => `${linesOf(event).join(ending)}${ending}${ending}`).join('');
          expect(await collect(divide(text, sizes))).toEqual(events);
        },
      ),
      { numRuns: 200 },
    );
  });

  test.each([
    ['comments and unknown fields', ': hello\nid: 7\nevent: next\nretry\ndata: 1\n\n', [next('1')]],
    ['what has no data', 'event: next\n\ndata: 2\n\n', [{ event: 'message', data: '2' }]],
    ['an event that nothing ends', 'event: next\ndata: 1\n\nevent: next\ndata: 2\n', [next('1')]],
    ['all but the first space of a value', 'event:next\ndata:  1\ndata\n\n', [next(' 1\n')]],
    ['a byte order mark', '\ufeffevent: next\ndata: 1\n\n', [next('1')]],
  ])('passes over %s', async (_, text, events) => {
    expect(await collect(divide(text, [4]))).toEqual(events);
  });
});

function next(data: string): ServerEvent {
  return { event: 'next', data };
}

function linesOf({ event, data }: ServerEvent): string[] {
  return [`event: ${event}`, ...data.split('\n').map((line) => `data: ${line}`)];
}

/** The bytes of a text in pieces of these sizes, again and again. */
function divide(text: string, sizes: Iterable<number>): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      let start = 0;
      while (start < bytes.length) {
        for (const size of sizes) {
          if (start >= bytes.length) break;
          controller.enqueue(bytes.slice(start, start + size));
          start += size;
        }
      }
      controller.close();
    },
  });
}

async function collect(body: ReadableStream<Uint8Array>): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of readEvents(body)) events.push(event);
  return events;
}
