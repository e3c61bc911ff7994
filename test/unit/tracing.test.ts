import { AlwaysOffSampler, ParentBasedSampler } from '@opentelemetry/sdk-trace-node';
import { describe, expect, test } from 'vitest';
import { noTracing } from '../../src/lib/tracing.ts';
import { parseTraceparent } from '../../src/server/tracing/parse-traceparent.ts';
import { keepSpans } from '../support/keep-spans.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('a span', () => {
  test('is a part of its parent, also after a wait', async () => {
    const { tracing, toTree } = keepSpans();
    await tracing.span('outer', null, {}, async (outer) => {
      await null;
      await tracing.span('inner', outer, {}, async () => null);
    });
    expect(toTree()).toBe('outer | internal | {}\n  inner | internal | {}');
  });

  test('begins a trace of its own where its parent has ended', () => {
    const { tracing, toTree } = keepSpans();
    const outer = tracing.begin('outer', null, {});
    outer.end();
    expect([tracing.span('later', outer, {}, () => 'done'), toTree()]).toEqual([
      'done',
      'later | internal | {}\nouter | internal | {}',
    ]);
  });

  test('ends once', () => {
    const { tracing, toTree } = keepSpans();
    const span = tracing.begin('work', null, {});
    span.end();
    span.endFailed(new Error('It is over.'));
    expect(toTree()).toBe('work | internal | {}');
  });

  test('fails with the name of an error, not with its text', async () => {
    const { tracing, toTree } = keepSpans();
    const run = tracing.span('work', null, {}, async () => Promise.reject(new TypeError('alice-key')));
    await expect(run).rejects.toThrow('alice-key');
    expect(() =>
      tracing.span('more', null, {}, () => {
        throw new RangeError('alice-key');
      }),
    ).toThrow('alice-key');
    expect(toTree()).toBe(
      'more | internal | {} | failed: RangeError\nwork | internal | {} | failed: TypeError',
    );
  });

  test.each([
    ['by its client', undefined, `00-${TRACE_ID}-00f067aa0ba902b7-00`, TRACE_ID],
    ['by the gateway', new ParentBasedSampler({ root: new AlwaysOffSampler() }), null, '[0-9a-f]{32}'],
  ])(
    'that is not sampled %s tells so to the services behind it, and has no parts',
    (_, sampler, traceparent, traceId) => {
      const { tracing, all } = keepSpans(sampler);
      const headers = tracing.span('outer', null, { traceparent }, (outer) =>
        tracing.span('inner', outer, {}, (inner) => inner.headers),
      );
      expect([all(), headers]).toEqual([
        [],
        { traceparent: expect.stringMatching(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`)) },
      ]);
    },
  );

  test('without tracing only runs, and has no headers', () => {
    expect(noTracing.span('work', null, {}, ({ headers }) => headers)).toEqual({});
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
