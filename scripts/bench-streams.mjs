// Measures what event streams over one list of 500 jobs cost the built gateway, and for how long they make another
// client wait: with 1 stream and with 100 in one run, because only ratios can be compared between machines.
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen, startGateway, at as valueAt } from './bench/built-gateway.mjs';

const JOBS = 500;
const WARM_MS = 2000;
const MEASURED_MS = 6000;
const PAUSE_MS = 25;
const SCENARIOS = [
  { streams: 1, isQuiet: true },
  { streams: 100, isQuiet: true },
  { streams: 1, isQuiet: false },
  { streams: 100, isQuiet: false },
];

const LIST = `subscription { jobsChanged(first: ${JOBS}) { totalCount nodes {
  qrn name status shots deviceQrn vendor provider tags queuePosition cost createdAt updatedAt isTerminal
} } }`;
const OTHER = '{ job(qrn: "qbraid:job:1") { qrn status } }';

/** Answers the messages of this process with the processor time that the gateway has used, in microseconds, and ends with it. */
const PROBE = `data:text/javascript,
  process.on('disconnect', () => process.exit());
  process.on('message', () => { const { user, system } = process.cpuUsage(); process.send(user + system); });`;

/** The qBraid API with one list, in which one job changes at each request unless it is quiet. */
async function startUpstream(isQuiet) {
  let requests = 0;
  const server = createServer(({ url }, response) => {
    requests += 1;
    const { pathname, searchParams } = new URL(url, 'http://upstream');
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify(pathname === '/jobs' ? toPage(searchParams) : { success: true, data: toJob(1) }),
    );
  });
  function toPage(params) {
    const page = Number(params.get('page'));
    const limit = Number(params.get('limit'));
    const numbers = Array.from({ length: JOBS }, (_, index) => index).slice((page - 1) * limit, page * limit);
    return { success: true, data: numbers.map(toJob), pagination: { page, limit, total: JOBS } };
  }
  function toJob(number) {
    return {
      jobQrn: `qbraid:job:${number}`,
      name: 'Bell pair',
      shots: 1000,
      deviceQrn: 'qbraid:qbraid:sim:qir-sv',
      vendor: 'qbraid',
      provider: 'qbraid',
      status: 'QUEUED',
      experimentType: 'gate_model',
      queuePosition: isQuiet || number > 0 ? 7 : requests,
      tags: { owner: 'somebody', project: 'bench' },
      timeStamps: { createdAt: new Date(Date.UTC(2026, 0, 14) - number * 1000).toISOString() },
    };
  }
  return { url: await listen(server), close: () => server.close() };
}

/** The processor time that the gateway has used, in milliseconds. */
async function cpuMsOf({ program }) {
  program.send('');
  return (await once(program, 'message'))[0] / 1000;
}

function send(url, query, key, accept) {
  const outgoing = request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, 'x-api-key': key },
  });
  outgoing.end(JSON.stringify({ query }));
  return once(outgoing, 'response').then(([response]) => response);
}

async function measure({ streams, isQuiet }) {
  const upstream = await startUpstream(isQuiet);
  const gateway = await startGateway(upstream.url, ['--import', PROBE]);
  const opened = await Promise.all(
    Array.from({ length: streams }, () => send(gateway.url, LIST, 'alice', 'text/event-stream')),
  );
  for (const stream of opened) stream.on('error', () => {}).resume();
  await sleep(WARM_MS);
  const [beganAtMs, cpuBeforeMs] = [performance.now(), await cpuMsOf(gateway)];
  const waits = [];
  while (performance.now() - beganAtMs < MEASURED_MS) {
    const askedAtMs = performance.now();
    const answer = await send(gateway.url, OTHER, 'bob', 'application/json');
    for await (const _ of answer);
    waits.push(performance.now() - askedAtMs);
    await sleep(PAUSE_MS);
  }
  const cpu = ((await cpuMsOf(gateway)) - cpuBeforeMs) / (performance.now() - beganAtMs);
  await gateway.end();
  upstream.close();
  waits.sort((a, b) => a - b);
  const row = { list: isQuiet ? 'quiet' : 'changing', streams, 'CPU %': percent(cpu) };
  return { ...row, 'p50 ms': at(waits, 0.5), 'p99 ms': at(waits, 0.99), 'max ms': at(waits, 1) };
}

const percent = (share) => Math.round(share * 1000) / 10;
const at = (sorted, share) => Math.round(valueAt(sorted, share) * 10) / 10;

const rows = [];
for (const scenario of SCENARIOS) rows.push(await measure(scenario));
console.table(rows);
