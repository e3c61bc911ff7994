import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Tracing } from '../../lib/tracing.ts';
import { createTracing } from './create-tracing.ts';

/** Tracing that sends its spans to a collector. */
export interface RunningTracing {
  readonly tracing: Tracing;
  /** Sends what is left. */
  close(): Promise<void>;
}

const NAME = 'qbraid-graphql-gateway';

/**
 * Sends spans by OTLP over HTTP. OpenTelemetry itself reads its variables (`OTEL_…`): where to send, what to sample, how
 * to batch, and the attributes of the process.
 */
export function startTracing(): RunningTracing {
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': NAME }))
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  return {
    tracing: createTracing(provider.getTracer(NAME)),
    close: () => provider.shutdown(),
  };
}
