import type { Environment } from './environment.ts';

/**
 * Whether the standard variables of OpenTelemetry ask for traces: an endpoint of OTLP or the exporter `otlp` is set, and
 * neither `OTEL_SDK_DISABLED` nor another exporter turns them off.
 */
export function wantsTracing(environment: Environment): boolean {
  const read = (name: string) => environment[name]?.trim() ?? '';
  if (read('OTEL_SDK_DISABLED').toLowerCase() === 'true') return false;
  const exporters = read('OTEL_TRACES_EXPORTER');
  if (exporters !== '') return exporters.split(',').some((name) => name.trim() === 'otlp');
  return [read('OTEL_EXPORTER_OTLP_ENDPOINT'), read('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')].some(
    (endpoint) => endpoint !== '',
  );
}
