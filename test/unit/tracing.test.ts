import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { describe, expect, test } from 'vitest';
import { noTracing } from '../../src/lib/tracing.ts';
import { createTracing } from '../../src/server/tracing/create-tracing.ts';
import { parseTraceparent } from '../../src/server/tracing/parse-traceparent.ts';

/** Tracing that keeps its spans. */
function openTracing() {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const spans = () =>
    exporter.getFinishedSpans().map(({ name, parentSpanContext, status }) => {
      const parent = exporter
        .getFinishedSpans()
        .find((span) => span.spanContext().spanId === parentSpanContext?.spanId);
      return [name, parent?.name ?? null, status.message ?? null];
    });
  return { tracing: createTracing(provider.getTracer('test')), spans };
}

describe('a span', () => {
  test('is a part of the one in which it begins, also after a wait', async () => {
    const { tracing, spans } = openTracing();
    await tracing.span('outer', {}, async () => {
      await null;
      await tracing.span('inner', {}, async () => null);
    });
    expect(spans()).toEqual([
      ['inner', 'outer', null],
      ['outer', null, null],
    ]);
  });

  test('begins a trace of its own where the outer one has ended', async () => {
    const { tracing, spans } = openTracing();
    const later = await tracing.span('outer', {}, async () => {
      // Ends after the span, whose promise is this function's.
      return {
        result: new Promise<string>(
          (resolve) => void setImmediate(() => resolve(tracing.span('later', {}, () => 'done'))),
        ),
      };
    });
    expect([await later.result, spans()]).toEqual([
      'done',
      [
        ['outer', null, null],
        ['later', null, null],
      ],
    ]);
  });

  test('fails with the name of an error, not with its text', async () => {
    const { tracing, spans } = openTracing();
    const run = tracing.span('work', {}, async () => Promise.reject(new TypeError('alice-key')));
    await expect(run).rejects.toThrow('alice-key');
    expect(() =>
      tracing.span('more', {}, () => {
        throw new RangeError('alice-key');
      }),
    ).toThrow('alice-key');
    expect(spans()).toEqual([
      ['work', null, 'TypeError'],
      ['more', null, 'RangeError'],
    ]);
  });

  test('without tracing only runs, and has no headers', () => {
    expect(noTracing.span('work', {}, ({ headers }) => headers)).toEqual({});
  });
});

test.each<[text: string, flags: number | null]>([
  ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', 1],
  ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00', 0],
  ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03', 1],
  ['cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes', 1],
  ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more', null],
  ['ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', null],
  ['00-00000000000000000000000000000000-00f067aa0ba902b7-01', null],
  ['00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01', null],
  ['00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01', null],
  ['alice-key', null],
  ['', null],
])('the traceparent %j has the flags %s', (text, flags) => {
  expect(parseTraceparent(text)?.traceFlags ?? null).toBe(flags);
});
