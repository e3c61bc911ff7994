// Measures the built gateway under more than it can carry: 500 clients, each with a connection of its own, over a qBraid
// API that takes 300 ms, beside 10 clients before and after. Each client wants a job that nobody wanted before, and comes
// again when a refusal says so. Only ratios can be compared between machines.
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'undici';
import { listen, startGateway, at as valueAt } from './bench/built-gateway.mjs';

const LATENCY_MS = 300;
const USUAL = { clients: 10, durationMs: 3000 };
const LOAD = { clients: 500, durationMs: 8000 };
const QUERY = 'query ($qrn: String!) { job(qrn: $qrn) { qrn status } }';
const KEY_COUNTS = [3, 20, 100];

async function startUpstream() {
  const server = createServer(async ({ url }, response) => {
    const jobQrn = decodeURIComponent(url.slice('/jobs/'.length));
    await sleep(LATENCY_MS);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ success: true, data: { jobQrn, status: 'QUEUED', shots: 1 } }));
  });
  return { url: await listen(server), close: () => server.close() };
}

let jobs = 0;

/** Asks for one more job. Gives how long that took, and when to come again if it was refused. */
async function ask(client, key) {
  jobs += 1;
  const startedAtMs = performance.now();
  const { statusCode, headers, body } = await client.request({
    path: '/graphql',
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify({ query: QUERY, variables: { qrn: `bench:job:${jobs}` } }),
  });
  const { errors } = await body.json();
  const ms = performance.now() - startedAtMs;
  const code = errors?.[0].extensions.code ?? 'answered';
  return {
    ms,
    code: statusCode === 503 ? `${code} 503` : code,
    retryAfterMs: 1000 * (headers['retry-after'] ?? 0),
  };
}

/** Lets so many clients ask one time after the other. Gives what they got. */
async function storm(origin, keys, { clients, durationMs }) {
  const endMs = performance.now() + durationMs;
  const results = [];
  const act = async (index) => {
    // A connection of its own: a pool lets some requests wait behind others, which would be measured too.
    const client = new Client(origin);
    while (performance.now() < endMs) {
      const result = await ask(client, keys[index % keys.length]);
      results.push(result);
      await sleep(result.retryAfterMs * (1 + Math.random() / 2));
    }
    await client.close();
  };
  await Promise.all(Array.from({ length: clients }, (_, index) => act(index)));

  const answered = timesOf(results, ({ code }) => code === 'answered');
  const refused = timesOf(results, ({ code }) => code === 'OVERLOADED 503');
  const others = results
    .map(({ code }) => code)
    .filter((code) => !['answered', 'OVERLOADED 503'].includes(code));
  return { answered, refused, others, perS: Math.round((answered.length * 1000) / durationMs) };
}

const timesOf = (results, isWanted) =>
  results
    .filter(isWanted)
    .map(({ ms }) => ms)
    .sort((a, b) => a - b);
const at = (sorted, share) => Math.round(valueAt(sorted, share));

async function measure(keyCount) {
  const upstream = await startUpstream();
  const gateway = await startGateway(upstream.url);
  const { origin } = new URL(gateway.url);
  const keys = Array.from({ length: keyCount }, (_, index) => `key-${index}`);
  await storm(origin, keys, { clients: keyCount, durationMs: 1 });
  const usual = await storm(origin, keys, USUAL);
  const load = await storm(origin, keys, LOAD);
  const after = await storm(origin, keys, USUAL);
  await gateway.end();
  upstream.close();
  const ratio = (share) => Math.round((at(load.answered, share) / at(usual.answered, share)) * 10) / 10;
  return {
    keys: keyCount,
    'usual p50/p99 ms': `${at(usual.answered, 0.5)}/${at(usual.answered, 0.99)}`,
    'load p50/p99 ms': `${at(load.answered, 0.5)}/${at(load.answered, 0.99)}`,
    'p50 ×': ratio(0.5),
    'p99 ×': ratio(0.99),
    'answered/s': load.perS,
    refused: load.refused.length,
    'refusal p50/p99 ms': `${at(load.refused, 0.5)}/${at(load.refused, 0.99)}`,
    'after p99 ms': at(after.answered, 0.99),
    others: [...new Set([...usual.others, ...load.others, ...after.others])].join() || 'none',
  };
}

const rows = [];
for (const keyCount of KEY_COUNTS) rows.push(await measure(keyCount));
console.table(rows);
