import { describe, expect, test } from 'vitest';
import { createMetrics } from '../../src/server/metrics/create-metrics.ts';
import type { GatewayReport } from '../../src/server/metrics/gateway-report.ts';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { openStream } from '../support/event-stream.ts';
import { aJob } from '../support/job-builder.ts';
import { readMetrics } from '../support/read-metrics.ts';
import type { UpstreamReply } from '../support/scripted-upstream.ts';

const JOB: UpstreamReply = { body: { success: true, data: aJob('a:1', { batchJobQrn: 'a:1' }) } };
const QUERY = '{ job(qrn: "a:1") { batchJob { qrn } } }';

describe('X-Debug-Upstream: 1', () => {
  const headers = { 'x-debug-upstream': '1' };
  const nothing = { requests: 0, durationMs: 0, hits: 0, stale: 0, joined: 0, refused: 0, failed: 0 };

  test('shows what an operation asked, joined and found', async () => {
    const { query } = await createTestGateway(() => JOB);
    const answers = [await query(QUERY, { headers }), await query(QUERY, { headers })];
    expect(answers.map(({ extensions }) => extensions)).toEqual([
      { upstream: { ...nothing, requests: 1 } },
      { upstream: { ...nothing, hits: 1 } },
    ]);
  });

  test('shows the same beside errors, and in events', async () => {
    const gateway = await createTestGateway(({ path }) => (path === '/jobs/a:2' ? { status: 500 } : JOB));
    const { extensions, errors } = await gateway.query('{ job(qrn: "a:2") { qrn } }', { headers });
    const stream = await openStream(
      gateway,
      'subscription { jobUpdated(qrns: ["a:1"]) { batchJob { qrn } } }',
      { headers },
    );
    const event = await stream.next();
    stream.cut();
    expect([errors?.length, extensions, event?.extensions]).toEqual([
      1,
      { upstream: { ...nothing, requests: 1, failed: 1 } },
      { upstream: { ...nothing, hits: 1 } },
    ]);
  });

  test.each<[when: string, environment: Record<string, string>, headers: Record<string, string>]>([
    ['in production', { NODE_ENV: 'production' }, headers],
    ['unless it is 1', {}, { 'x-debug-upstream': 'true' }],
    ['unless it is sent', {}, {}],
  ])('shows nothing %s', async (_, environment, sent) => {
    const { query } = await createTestGateway(() => JOB, environment);
    expect((await query(QUERY, { headers: sent })).extensions).toBeUndefined();
  });
});

describe('metrics', () => {
  const report = (): GatewayReport => ({
    breaker: 'half-open',
    usedShares: [0.05, 0.92],
    open: { operations: 3, streams: 2 },
    pollers: 1,
  });

  /** A gateway, and the samples of one of its metrics. */
  async function openMetrics() {
    const { observer, registry } = createMetrics({ limits: { operations: 10, streams: 20 }, report });
    const script = ({ path }: { path: string }) => (path === '/jobs/a:1' ? JOB : { status: 404 });
    const gateway = await createTestGateway(script, {}, undefined, { observers: [observer] });
    const samplesOf = async (name: string) =>
      readMetrics(await registry.metrics()).get(`qbraid_gateway_${name}`)?.samples;
    return { gateway, samplesOf, registry };
  }

  test('count operations by outcome, and name those that read something', async () => {
    const { gateway, samplesOf } = await openMetrics();
    await gateway.query('query Reads { job(qrn: "a:1") { qrn } }');
    await gateway.query('query Reads { job(qrn: "a:2") { qrn } }');
    await gateway.query('query Idle { __typename }');
    await gateway.query('query NoKey { job(qrn: "a:1") { qrn } }', { key: null });
    await gateway.query('query Invalid { nothing }');
    await gateway.query('{ __typename }');
    expect(await samplesOf('operations_total')).toEqual(
      Object.fromEntries(
        [
          ['Reads', 'success', 1],
          ['Reads', 'refused', 1],
          ['other', 'success', 1],
          ['other', 'refused', 1],
          ['anonymous', 'success', 1],
        ].map(([name, outcome, count]) => [
          `qbraid_gateway_operations_total{operation="${name}",type="query",outcome="${outcome}"}`,
          count,
        ]),
      ),
    );
    expect(await samplesOf('http_refusals_total')).toEqual({
      'qbraid_gateway_http_refusals_total{status="200"}': 1,
    });
  });

  test('name at most 50 operations', async () => {
    const { gateway, samplesOf } = await openMetrics();
    for (let number = 1; number <= 60; number += 1)
      await gateway.query(`query Q${number} { job(qrn: "a:1") { qrn } }`);
    const samples = (await samplesOf('operations_total')) ?? {};
    const others = Object.entries(samples).filter(([name]) => name.includes('operation="other"'));
    expect([Object.keys(samples).length, others.map(([, count]) => count)]).toEqual([51, [10]]);
  });

  test('show how the gateway stands now', async () => {
    const { samplesOf } = await openMetrics();
    expect({
      ...(await samplesOf('breaker_state')),
      ...(await samplesOf('streams_open')),
      ...(await samplesOf('pollers')),
    }).toEqual({
      'qbraid_gateway_breaker_state{state="closed"}': 0,
      'qbraid_gateway_breaker_state{state="half-open"}': 1,
      'qbraid_gateway_breaker_state{state="open"}': 0,
      qbraid_gateway_streams_open: 2,
      qbraid_gateway_pollers: 1,
    });
    const twice = [await samplesOf('key_budget_used_ratio'), await samplesOf('key_budget_used_ratio')];
    expect(twice[1]).toEqual(twice[0]);
    expect(twice[0]).toMatchObject({
      'qbraid_gateway_key_budget_used_ratio_bucket{le="0.1"}': 1,
      'qbraid_gateway_key_budget_used_ratio_bucket{le="0.9"}': 1,
      qbraid_gateway_key_budget_used_ratio_count: 2,
    });
  });

  test('hold no key, no fingerprint, no QRN and no text of a client', async () => {
    const { gateway, registry } = await openMetrics();
    const headers = { 'graphql-client-name': 'some-client' };
    await gateway.query('query alice_key { job(qrn: "a:1") { qrn } }', { key: 'alice_key', headers });
    await gateway.query('query Wrong_name { job(qrn: "bad") { qrn } }', { headers });
    const own = (await registry.metrics()).match(/^qbraid_gateway_.*(?= \S+$)/gm)?.join('\n');
    expect(own).toContain('operation="invalid"');
    expect(own).not.toMatch(/alice|a:1|some-client|Wrong_name|[0-9a-f]{8}/);
  });
});

test('the gateway counts what is open, and nothing when all is over', async () => {
  const counts: unknown[] = [];
  const gateway = await createTestGateway(() => 'hang');
  const client = new AbortController();
  const answer = gateway.query(QUERY, { signal: client.signal });
  const stream = await openStream(gateway, 'subscription { jobUpdated(qrns: ["a:2"]) { qrn } }');
  const event = stream.next();
  await gateway.upstream.received(2);
  counts.push(gateway.report().open);
  client.abort();
  stream.cut();
  await Promise.allSettled([answer, event, gateway.upstream.abandoned(2)]);
  counts.push(gateway.report().open);
  expect(counts).toEqual([
    { operations: 1, streams: 1 },
    { operations: 0, streams: 0 },
  ]);
});
