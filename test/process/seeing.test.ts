import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { aJob } from '../support/job-builder.ts';
import { type Program, runProgram } from '../support/run-program.ts';
import { sendOperation } from '../support/send-operation.ts';

const KEY = 'qbr_secret_1';
const QRN = 'qbraid:job:1';

/** Serves on loopback for the time of the test: gives the address. */
async function listen(serve: RequestListener): Promise<string> {
  const server = createServer(serve).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Runs the built gateway over an upstream with one job, and asks it once. */
async function runAndAsk(environment: Record<string, string>, headers: Record<string, string> = {}) {
  const requests: IncomingHttpHeaders[] = [];
  const upstream = await listen((request, response) => {
    requests.push(request.headers);
    response.end(JSON.stringify({ success: true, data: aJob(QRN) }));
  });
  const program = runProgram([], { QBRAID_API_URL: upstream, PORT: '0', ...environment });
  const [, url = ''] = await program.printed(/"url":"([^"]+)"/);
  const answer = await sendOperation(url, KEY, `query Mine { job(qrn: "${QRN}") { qrn } }`, headers);
  expect(answer).toEqual({ data: { job: { qrn: QRN } } });
  return { program, requests };
}

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
}

/** A collector of OpenTelemetry on loopback. */
async function startCollector() {
  const spans: OtlpSpan[] = [];
  const bodies: string[] = [];
  const url = await listen(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    bodies.push(body);
    for (const { scopeSpans } of JSON.parse(body).resourceSpans) {
      for (const scope of scopeSpans) spans.push(...scope.spans);
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  return { url, spans, bodies };
}

test('with an endpoint of OpenTelemetry, each request is a trace that begins with its client and goes on upstream', async () => {
  const collector = await startCollector();
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const { program, requests } = await runAndAsk(
    { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, baggage: 'a=b', tracestate: 'a=b' },
  );

  program.signal('SIGTERM');

  expect(await program.ended).toMatchObject({ code: 0, stderr: '' });
  const spanNamed = (name: string) => collector.spans.find((span) => span.name === name);
  const [http, operation, batch, upstream] = [
    'POST /graphql',
    'query Mine',
    'load jobs',
    'GET /jobs/{qrn}',
  ].map(spanNamed);
  expect([http, operation, batch, upstream]).toEqual([
    expect.objectContaining({ traceId, parentSpanId: '00f067aa0ba902b7', kind: 2 }),
    expect.objectContaining({ traceId, parentSpanId: http?.spanId, kind: 1 }),
    expect.objectContaining({ traceId, parentSpanId: operation?.spanId, kind: 1 }),
    expect.objectContaining({ traceId, parentSpanId: batch?.spanId, kind: 3 }),
  ]);
  expect(
    requests.map((headers) => [headers['traceparent'], headers['baggage'], headers['tracestate']]),
  ).toEqual([[`00-${traceId}-${upstream?.spanId}-01`, undefined, undefined]]);
  expect(collector.bodies.join()).not.toMatch(/secret|qbraid:job/);
});

test('a collector that takes no spans costs a warning, and not the end', async () => {
  const collector = await listen((_, response) => void response.writeHead(404).end());
  const { program } = await runAndAsk({ OTEL_EXPORTER_OTLP_ENDPOINT: collector });
  program.signal('SIGTERM');
  const { code, stdout, stderr } = await program.ended;
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('"code":"404","msg":"traces could not be sent"');
});

/** Where the program says which code it loaded. It is removed after the test. */
function createCoverageFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'loaded-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** The packages whose code a program has loaded, of those for metrics and traces. */
async function loadedPackages(program: Program, folder: string): Promise<readonly string[]> {
  program.signal('SIGTERM');
  await program.ended;
  const scripts = readdirSync(folder).flatMap(
    (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')).result,
  );
  const own = scripts.map(({ url }: { url: string }) => url).filter((url: string) => url.includes('/dist/'));
  // The bundler writes the path of each module above its code.
  const packages = own.flatMap((url: string) =>
    [...readFileSync(fileURLToPath(url), 'utf8').matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)/gm)].map(
      ([, found = '']) => found,
    ),
  );
  return [...new Set<string>(packages)].filter((found) => /^@opentelemetry|^prom-client$/.test(found)).sort();
}

test('what makes metrics and traces is not loaded where nobody wants them', async () => {
  const folder = createCoverageFolder();
  const { program } = await runAndAsk({ NODE_V8_COVERAGE: folder });
  expect(await loadedPackages(program, folder)).toEqual([]);
});

test('with METRICS_PORT the program shows its metrics there, and nothing else, and loads nothing for traces', async () => {
  const folder = createCoverageFolder();
  const { program } = await runAndAsk({ METRICS_PORT: '0', NODE_V8_COVERAGE: folder });
  const [, url = ''] = await program.printed(/"metrics":"([^"]+)"/);
  const metrics = await fetch(url);
  const other = await fetch(new URL('/graphql', url));
  expect([metrics.status, metrics.headers.get('content-type'), other.status]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
    404,
  ]);
  const text = await metrics.text();
  expect(text).toContain(
    'qbraid_gateway_operations_total{operation="Mine",type="query",outcome="success"} 1',
  );
  expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
  expect(text).not.toMatch(/secret|qbraid:job/);
  // The package of the metrics names its examples with the types of OpenTelemetry.
  expect(await loadedPackages(program, folder)).toEqual(['@opentelemetry/api', 'prom-client']);
});
