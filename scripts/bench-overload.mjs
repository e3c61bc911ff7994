// Measures the built gateway under more than it can carry: 500 clients, each with a connection of its own, over a qBraid
// API that takes 300 ms, beside 10 clients before and after. Each client wants a job that nobody wanted before, and comes
// again when a refusal says so, or at once. Then one key floods it, beside ten others. Only ratios can be compared between
// machines.
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'undici';
import { listen, startGateway, at as valueAt } from './bench/built-gateway.mjs';

const LATENCY_MS = 300;
const USUAL = { clients: 10, durationMs: 3000 };
const LOAD = { clients: 500, durationMs: 8000 };
const QUERY = 'query ($qrn: String!) { job(qrn: $qrn) { qrn status } }';
const LOADS = [
  { keys: 3, isPatient: true },
  { keys: 20, isPatient: true },
  { keys: 100, isPatient: true },
  { keys: 20, isPatient: false },
];
const FLOOD = { clients: 300, durationMs: 8000 };
const OTHERS = { clients: 10, durationMs: 8000, pauseMs: 200 };

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
async function storm(origin, keys, { clients, durationMs, isPatient = true, pauseMs = 0 }) {
  const endMs = performance.now() + durationMs;
  const results = [];
  const act = async (index) => {
    // A connection of its own: a pool lets some requests wait behind others, which would be measured too.
    const client = new Client(origin);
    while (performance.now() < endMs) {
      const result = await ask(client, keys[index % keys.length]);
      results.push(result);
      const waitMs = isPatient ? result.retryAfterMs * (1 + Math.random() / 2) : 0;
      await sleep(waitMs + pauseMs);
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

/** Runs `act` with the address of a gateway of its own. */
async function withGateway(act) {
  const upstream = await startUpstream();
  const gateway = await startGateway(upstream.url);
  const result = await act(new URL(gateway.url).origin);
  await gateway.end();
  upstream.close();
  return result;
}

const keysNamed = (name, count) => Array.from({ length: count }, (_, index) => `${name}-${index}`);

async function measure(origin, { keys: keyCount, isPatient }) {
  const keys = keysNamed('key', keyCount);
  await storm(origin, keys, { clients: keyCount, durationMs: 1 });
  const usual = await storm(origin, keys, USUAL);
  const load = await storm(origin, keys, { ...LOAD, isPatient });
  const after = await storm(origin, keys, USUAL);
  const ratio = (share) => Math.round((at(load.answered, share) / at(usual.answered, share)) * 10) / 10;
  return {
    keys: keyCount,
    'come again': isPatient ? 'when told' : 'at once',
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

/** One key that asks as fast as it can, beside others that ask now and then. */
async function measureFlood(origin) {
  const keys = keysNamed('key', OTHERS.clients);
  const usual = await storm(origin, keys, { ...OTHERS, durationMs: USUAL.durationMs });
  const [flood, others] = await Promise.all([
    storm(origin, ['flood'], { ...FLOOD, isPatient: false }),
    storm(origin, keys, OTHERS),
  ]);
  return {
    'flood answered/refused': `${flood.answered.length}/${flood.refused.length}`,
    'others answered/refused': `${others.answered.length}/${others.refused.length}`,
    'others usual p50/p99 ms': `${at(usual.answered, 0.5)}/${at(usual.answered, 0.99)}`,
    'others p50/p99 ms': `${at(others.answered, 0.5)}/${at(others.answered, 0.99)}`,
  };
}

const rows = [];
for (const load of LOADS) rows.push(await withGateway((origin) => measure(origin, load)));
console.table(rows);
console.table([await withGateway(measureFlood)]);
