import { DiagLogLevel, diag } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Clock } from '../../lib/clock.ts';
import { isPlainObject } from '../../lib/is-plain-object.ts';
import type { Logger } from '../../lib/logger.ts';
import { parseJson } from '../../lib/parse-json.ts';
import type { Tracing } from '../../lib/tracing.ts';
import { createTracing } from './create-tracing.ts';

/** Tracing that sends its spans to a collector. */
export interface RunningTracing {
  readonly tracing: Tracing;
  /** Sends what is left, if the collector takes it soon. Never rejects. */
  close(): Promise<void>;
}

export interface TracingOptions {
  readonly clock: Pick<Clock, 'schedule'>;
  readonly logger: Logger;
}

/** How long the last spans may take, in milliseconds: a collector that is gone must not hold up the end. */
const MAX_FLUSH_MS = 3000;

const NAME = 'qbraid-graphql-gateway';

/**
 * Sends spans by OTLP over HTTP. OpenTelemetry itself reads its variables (`OTEL_…`): where to send, what to sample, how
 * to batch, and the attributes of the process.
 */
export function startTracing({ clock, logger }: TracingOptions): RunningTracing {
  logComplaints(logger);
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': NAME }))
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  return {
    tracing: createTracing(provider.getTracer(NAME)),
    async close() {
      const isLate = new Promise<void>((resolve) => void clock.schedule(MAX_FLUSH_MS, resolve));
      await Promise.race([provider.shutdown().catch((error: unknown) => complain(logger, error)), isLate]);
    },
  };
}

/** Logs what OpenTelemetry tells of errors while it runs, which it writes as JSON. */
function logComplaints(logger: Logger): void {
  const error = (text: string) => complain(logger, parseJson(text));
  const nothing = () => {};
  diag.setLogger(
    { error, warn: nothing, info: nothing, debug: nothing, verbose: nothing },
    DiagLogLevel.ERROR,
  );
}

/** Logs the code of an error, such as a collector that cannot be reached. Its text may be an answer of the collector. */
function complain(logger: Logger, error: unknown): void {
  const { name, code } = isPlainObject(error) ? error : {};
  logger.warn({ name, code: code === undefined ? undefined : String(code) }, 'traces could not be sent');
}
