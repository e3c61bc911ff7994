import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openStreamAt } from '../support/event-stream.ts';
import { findQueryFaults } from '../support/find-query-faults.ts';
import { aJob } from '../support/job-builder.ts';
import { type MetricFamily, readMetrics } from '../support/read-metrics.ts';
import { startTestGateway } from '../support/start-test-gateway.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const rules: readonly Rule[] = parse(read('deploy/prometheus/alerts.yml')).groups.flatMap(
  ({ rules }: { rules: Rule[] }) => rules,
);
const dashboard = JSON.parse(read('deploy/grafana/qbraid-graphql-gateway.json'));
const operations = read('docs/operations.md');

/** The values of labels that have few. */
const VALUES = {
  outcome: ['success', 'refused', 'failed', 'abandoned', 'cut', 'hit', 'stale', 'joined', 'sent'],
  state: ['closed', 'half-open', 'open'],
  failure: [
    'none',
    'aborted',
    'unauthenticated',
    'forbidden',
    'not-found',
    'invalid-input',
    'rate-limited',
    'rejected',
    'unavailable',
    'timeout',
    'invalid-response',
  ],
  code: [...read('src/graphql/to-graphql-error.ts').matchAll(/'([A-Z_]+)',/g)]
    .map(([, code = '']) => code)
    .concat('INTERNAL_SERVER_ERROR'),
  status: ['503'],
  le: ['0.9'],
  job: ['qbraid-gateway', '$job'],
  instance: ['$instance'],
};

/** A replica whose server does not answer. */
const FLEET = {
  REDIS_URL: 'redis://127.0.0.1:1',
  FLEET_SECRET: 'a secret of thirty-two characters',
  FLEET_SIZE: '2',
};

let families: ReadonlyMap<string, MetricFamily>;

beforeAll(async () => {
  const endings: (() => Promise<void>)[] = [];
  const context = { onTestFinished: (end: () => Promise<void>) => void endings.push(end) };
  const gateway = await startTestGateway(
    context as never,
    ({ path }) => (path === '/jobs/a:1' ? { body: { data: aJob('a:1') } } : { status: 500 }),
    { METRICS_PORT: '0', MAX_DEPTH: '2', ...FLEET },
  );
  await gateway.query('query One { job(qrn: "a:1") { qrn } }');
  await gateway.query('{ job(qrn: "a:2") { qrn } }');
  await gateway.query('query Deep { job(qrn: "a:1") { batchJob { qrn } } }');
  await gateway.query('{');
  const stream = await openStreamAt(gateway.url, 'subscription { jobUpdated(qrns: ["a:1"]) { qrn } }');
  await stream.next();
  families = readMetrics(await (await fetch(gateway.metricsUrl ?? '')).text());
  stream.cut();
  for (const end of endings) await end();
});

describe('an alert', () => {
  test.each(rules)('$alert asks only for what is exposed', ({ expr }) => {
    expect(findQueryFaults(expr, { families, values: VALUES })).toEqual([]);
  });

  test.each(rules)(
    '$alert has a severity, a summary and a section of docs/operations.md',
    ({ alert, labels, annotations }) => {
      expect(['critical', 'warning', 'info']).toContain(labels.severity);
      expect(annotations.summary).not.toBe('');
      expect(annotations.runbook).toBe(`docs/operations.md#${alert.toLowerCase()}`);
      expect(operations).toContain(`\n### ${alert}\n`);
    },
  );
});

describe('the dashboard', () => {
  const panels: readonly Panel[] = dashboard.panels;
  const queries = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
  const variables: { name: string; query: string | { query: string } }[] = dashboard.templating.list;

  test.each(queries)('$title asks only for what is exposed: $expr', ({ expr }) => {
    expect(findQueryFaults(expr, { families, values: VALUES })).toEqual([]);
  });

  test('takes its data source from a variable, and has a row for each subject', () => {
    const sources = JSON.stringify(dashboard).match(/"uid":"[^"]*"/g) ?? [];
    expect(new Set(sources)).toEqual(new Set([`"uid":"$\{datasource}"`, '"uid":"qbraid-graphql-gateway"']));
    expect(variables.map(({ name }) => name)).toEqual(['datasource', 'job', 'instance']);
    expect(
      dashboard.panels
        .filter(({ type }: { type: string }) => type === 'row')
        .map(({ title }: Panel) => title),
    ).toEqual(['Traffic', 'Errors', 'Upstream', 'Cache', 'Budget', 'Streams', 'Replicas', 'Process']);
    const asked = variables.flatMap(({ query }) => (typeof query === 'string' ? [] : [query.query]));
    expect(asked.flatMap((query) => findQueryFaults(query, { families, values: VALUES }))).toEqual([]);
  });

  test('shows every metric of the gateway', () => {
    const shown = queries.map(({ expr }) => expr).join('\n');
    const own = [...families.keys()].filter((name) => name.startsWith('qbraid_gateway_'));
    expect(own.filter((name) => !shown.includes(name))).toEqual([]);
  });
});

test('docs/operations.md lists exactly the metrics of the gateway, with their types and labels', () => {
  const rows = [...operations.matchAll(/^\| `(qbraid_gateway_\w+)` \| (\w+) \|([^|]*)\|/gm)];
  const listed = rows.map(([, name = '', type = '', labels = '']) => [
    name,
    type,
    labels.replaceAll('`', '').trim(),
  ]);
  const exposed = [...families]
    .filter(([name]) => name.startsWith('qbraid_gateway_'))
    .map(([name, { type, labels }]) => [
      name,
      type,
      [...labels]
        .filter((label) => label !== 'le')
        .sort()
        .join(', '),
    ]);
  expect(listed.sort()).toEqual(exposed.sort());
});

test.each([
  ['sum(rate(qbraid_gateway_nothing_total[5m]))', 'no metric qbraid_gateway_nothing_total'],
  ['qbraid_gateway_streams_open_bucket', 'no metric qbraid_gateway_streams_open_bucket'],
  [
    'rate(qbraid_gateway_upstream_duration_seconds[5m])',
    'no metric qbraid_gateway_upstream_duration_seconds',
  ],
  ['sum(qbraid_gateway_errors_total)', 'qbraid_gateway_errors_total without a rate'],
  ['rate(qbraid_gateway_errors_total{kind="x"}[5m])', 'no label kind of qbraid_gateway_errors_total'],
  [
    'rate(qbraid_gateway_errors_total{code=~"OVERLOADED|NO_SUCH"}[5m])',
    'no code NO_SUCH of qbraid_gateway_errors_total',
  ],
  ['sum by (route, code) (rate(qbraid_gateway_errors_total[5m]))', 'no label route'],
  ['sum by (le) (rate(qbraid_gateway_upstream_duration_seconds_sum[5m]))', 'no label le'],
  ['median(qbraid_gateway_pollers)', 'unknown function median'],
])('the check finds what is wrong in %s', (query, fault) => {
  expect(findQueryFaults(query, { families, values: VALUES })).toEqual([fault]);
});
