import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Span, SpanFacts, Tracing } from '../../lib/tracing.ts';
import { parseTraceparent, toTraceparent } from './parse-traceparent.ts';

const KINDS = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT };

/** A span that work runs in. */
interface Place {
  readonly context: Context;
  isOver: boolean;
}

/**
 * Makes spans with this tracer. Nothing of OpenTelemetry is set for the whole process: the place of the work is kept
 * here, and of what clients send only `traceparent` is read and passed on, not their baggage.
 */
export function createTracing(tracer: Tracer): Tracing {
  const places = new AsyncLocalStorage<Place>();

  function parentOf({ traceparent }: SpanFacts): Context {
    const sent = traceparent == null ? null : parseTraceparent(traceparent);
    if (sent !== null) return trace.setSpanContext(ROOT_CONTEXT, sent);
    const place = places.getStore();
    return place === undefined || place.isOver ? ROOT_CONTEXT : place.context;
  }

  return {
    span(name, facts, run) {
      const parent = parentOf(facts);
      const { kind = 'internal', attributes = {} } = facts;
      const otelSpan = tracer.startSpan(name, { kind: KINDS[kind], attributes }, parent);
      const place = { context: trace.setSpan(parent, otelSpan), isOver: false };
      const end = () => {
        place.isOver = true;
        otelSpan.end();
      };
      const fail = (error: unknown) => {
        otelSpan.setStatus({ code: SpanStatusCode.ERROR, message: nameOf(error) });
        end();
      };
      return places.run(place, () => endWith(() => run(toSpan(otelSpan)), end, fail));
    },
  };
}

/** Calls `run`, and tells when it, or the promise that it returns, has ended. */
function endWith<T>(run: () => T, end: () => void, fail: (error: unknown) => void): T {
  let result: T;
  try {
    result = run();
  } catch (error) {
    fail(error);
    throw error;
  }
  if (isPromise(result)) result.then(end, fail);
  else end();
  return result;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}

/** The kind of an error: its message may hold what a client sent. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error';
}

function toSpan(span: OtelSpan): Span {
  return {
    rename: (name) => void span.updateName(name),
    note: (attributes) => void span.setAttributes(attributes),
    fail: (reason) => void span.setStatus({ code: SpanStatusCode.ERROR, message: reason }),
    headers: { traceparent: toTraceparent(span.spanContext()) },
  };
}
