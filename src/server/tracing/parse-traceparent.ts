import { type SpanContext, TraceFlags } from '@opentelemetry/api';

const FORM =
  /^(?<version>[0-9a-f]{2})-(?<traceId>[0-9a-f]{32})-(?<spanId>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(?<rest>-.*)?$/;
const ONLY_ZEROS = /^0+$/;

/** Reads a `traceparent` (W3C Trace Context, section 3.2): null where it is malformed, or of a version that is none. */
export function parseTraceparent(text: string): SpanContext | null {
  const { version = '', traceId = '', spanId = '', flags = '', rest } = FORM.exec(text)?.groups ?? {};
  const isForbidden = version === '' || version === 'ff' || (version === '00' && rest !== undefined);
  if (isForbidden || ONLY_ZEROS.test(traceId) || ONLY_ZEROS.test(spanId)) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
}

/** Writes the `traceparent` of a span. */
export function toTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
