import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import type { Tracing } from '../../src/lib/tracing.ts';
import { createTracing } from '../../src/server/tracing/create-tracing.ts';

/** Tracing that keeps its spans. */
export interface KeptSpans {
  readonly tracing: Tracing;
  /** The spans that have ended, in the order of their ends. */
  all(): readonly ReadableSpan[];
  /** What they are, as lines: each stands indented below its parent. Those of one parent are sorted. */
  toTree(): string;
  /** Forgets the spans until now. */
  clear(): void;
}

const KINDS = ['internal', 'server', 'client'];

/** @param sampler says which spans are made. @default all */
export function keepSpans(sampler?: Sampler): KeptSpans {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
    ...(sampler === undefined ? {} : { sampler }),
  });
  const all = () => exporter.getFinishedSpans();
  return {
    tracing: createTracing(provider.getTracer('test')),
    all,
    toTree() {
      const ids = new Set(all().map((span) => span.spanContext().spanId));
      const isRoot = ({ parentSpanContext }: ReadableSpan) => !ids.has(parentSpanContext?.spanId ?? '');
      return all()
        .filter(isRoot)
        .map((root) => describe(root, all(), ''))
        .toSorted()
        .join('\n');
    },
    clear: () => exporter.reset(),
  };
}

function describe(span: ReadableSpan, all: readonly ReadableSpan[], indent: string): string {
  const { name, kind, attributes, status, links, parentSpanContext: parent } = span;
  const { spanId } = span.spanContext();
  const facts = [
    KINDS[kind],
    parent?.isRemote ? `of ${parent.traceId} ${parent.spanId}` : '',
    JSON.stringify(Object.fromEntries(Object.entries(attributes).toSorted())),
    status.message === undefined ? '' : `failed: ${status.message}`,
    links.length > 0 ? `${links.length} links` : '',
  ];
  const own = `${indent}${name} | ${facts.filter((fact) => fact !== '').join(' | ')}`;
  const children = all.filter(({ parentSpanContext }) => parentSpanContext?.spanId === spanId);
  return [own, ...children.map((child) => describe(child, all, `${indent}  `)).toSorted()].join('\n');
}
