import { type Context, ROOT_CONTEXT, SpanKind, type Tracer, trace } from '@opentelemetry/api';
import type { OpenSpan, SpanFacts, Tracing } from '../../lib/tracing.ts';
import { parseTraceparent } from './parse-traceparent.ts';
import { TracedSpan } from './traced-span.ts';

const KINDS = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT };

/**
 * Makes spans with this tracer. Nothing of OpenTelemetry is set for the whole process, and no `AsyncLocalStorage` is used: who
 * begins a span says what it is a part of. Of what clients send only `traceparent` is read and passed on, not their baggage.
 */
export function createTracing(tracer: Tracer): Tracing {
  const begin: Tracing['begin'] = (name, parent, { kind = 'internal', attributes = {}, traceparent }) => {
    const place = parent instanceof TracedSpan && !parent.isOver ? parent : null;
    // What is a part of a span that is not sampled is not sampled either.
    if (place !== null && !place.isSampled) return new TracedSpan(place.otelSpan);
    const context = place?.context ?? contextOf(traceparent);
    return new TracedSpan(tracer.startSpan(name, { kind: KINDS[kind], attributes }, context));
  };
  return {
    begin,
    span(name, parent, facts, run) {
      const span = begin(name, parent, facts);
      return endWith(span, () => run(span));
    },
  };
}

function contextOf(traceparent: SpanFacts['traceparent']): Context {
  const sent = traceparent == null ? null : parseTraceparent(traceparent);
  return sent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, sent);
}

/** Calls `run`, and ends the span with it, or with the promise that it returns. */
function endWith<T>(span: OpenSpan, run: () => T): T {
  let result: T;
  try {
    result = run();
  } catch (error) {
    span.endFailed(error);
    throw error;
  }
  if (isPromise(result)) {
    result.then(
      () => span.end(),
      (error: unknown) => span.endFailed(error),
    );
  } else span.end();
  return result;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
