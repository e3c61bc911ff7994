import { type Context, type Span as OtelSpan, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import type { OpenSpan, SpanAttributes } from '../../lib/tracing.ts';
import { toTraceparent } from './parse-traceparent.ts';

/** A span of OpenTelemetry. One that is not sampled only has headers. */
export class TracedSpan implements OpenSpan {
  readonly otelSpan: OtelSpan;
  isOver = false;

  constructor(otelSpan: OtelSpan) {
    this.otelSpan = otelSpan;
  }

  get isSampled(): boolean {
    return this.otelSpan.isRecording();
  }

  /** Where parts of it begin. */
  get context(): Context {
    return trace.setSpan(ROOT_CONTEXT, this.otelSpan);
  }

  get headers(): Readonly<Record<string, string>> {
    return { traceparent: toTraceparent(this.otelSpan.spanContext()) };
  }

  rename(name: string): void {
    this.otelSpan.updateName(name);
  }

  note(attributes: SpanAttributes): void {
    this.otelSpan.setAttributes(attributes);
  }

  fail(reason: string): void {
    this.otelSpan.setStatus({ code: SpanStatusCode.ERROR, message: reason });
  }

  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.otelSpan.end();
  }

  endFailed(error: unknown): void {
    if (this.isOver) return;
    this.fail(error instanceof Error ? error.name : 'Error');
    this.end();
  }
}
