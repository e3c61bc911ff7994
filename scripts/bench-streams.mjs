// Measures what event streams cost the built gateway: over one list of 500 jobs, with 1 stream and with 100 in one run,
// because only ratios can be compared between machines, and for how long they make another client wait; and with 1,000
// streams over 50 jobs that all change at once, beside the least that a stream takes in Node. What these show is checked: no job
// goes back, and the last state is the truth.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGateway, at as valueAt } from './bench/built-gateway.mjs';
import { startChangingUpstream } from './bench/changing-upstream.mjs';
import { readEvents } from './bench/event-reader.mjs';
import { startListUpstream } from './bench/list-upstream.mjs';

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

const MANY = 1000;
const KEYS = 8;
const CHANGING = 50;
const CHANGE_MS = 2000;
/** How long a gateway that falls behind may take to show the truth. */
const CATCH_UP_MS = 60_000;
/** How many streams are opened at once, and how many are open before memory is measured. */
const OPENED_AT_ONCE = 25;
const FIRST = 100;
const LOADS = [
  {
    what: 'jobsChanged',
    body: {
      query: `subscription { jobsChanged(first: ${CHANGING}) { totalCount nodes {
        qrn name status shots deviceQrn vendor provider queuePosition cost createdAt updatedAt isTerminal
      } } }`,
    },
    jobsOf: ({ jobsChanged }) => jobsChanged.nodes,
  },
  {
    what: 'jobUpdated',
    body: {
      query: `subscription ($qrns: [String!]!) { jobUpdated(qrns: $qrns) {
        qrn name status deviceQrn queuePosition cost createdAt isTerminal
      } }`,
      variables: { qrns: Array.from({ length: CHANGING }, (_, number) => `qbraid:job:${number}`) },
    },
    jobsOf: ({ jobUpdated }) => [jobUpdated],
  },
];

/**
 * Answers the messages of this process with the processor time that the gateway has used, in microseconds, and the memory that
 * it takes, in bytes; and ends with it. Where there is `gc`, that is without garbage. The room for new objects is never counted:
 * of this V8 takes up to 32 MB as soon as many are made, and gives it back after a quiet minute.
 */
const PROBE = `data:text/javascript,import { getHeapSpaceStatistics } from 'node:v8';
  process.on('disconnect', () => process.exit());
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    if (globalThis.gc) globalThis.gc();
    const { physical_space_size } = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    process.send({ cpu: user + system, rss: process.memoryUsage.rss() - physical_space_size });
  });`;

/** What the gateway has used: processor time in milliseconds, and memory in KB. See `PROBE`. */
async function usageOf({ program }) {
  program.send('');
  const [{ cpu, rss }] = await once(program, 'message');
  return { cpuMs: cpu / 1000, rssKb: rss / 1024 };
}

/** The processor time that the gateway has used, in milliseconds. */
const cpuMsOf = async (gateway) => (await usageOf(gateway)).cpuMs;

function send(url, query, key, accept) {
  return post(url, { query }, key, accept);
}

function post(url, body, key, accept) {
  const outgoing = request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, 'x-api-key': key },
    agent: false,
  });
  outgoing.end(JSON.stringify(body));
  return once(outgoing, 'response').then(([response]) => response);
}

async function measure({ streams, isQuiet }) {
  // One job changes at each request unless the list is quiet.
  const upstream = await startListUpstream(JOBS, (number, requests) =>
    isQuiet || number > 0 ? 7 : requests,
  );
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

/** Opens a thousand streams. Gives how much memory each of them takes while nothing happens, in KB. */
async function openMany(server, body, read) {
  let count = 0;

  async function openUntil(wanted) {
    while (count < wanted) {
      const opening = Math.min(OPENED_AT_ONCE, wanted - count);
      const keys = Array.from({ length: opening }, (_, index) => `key-${(count + index) % KEYS}`);
      const responses = await Promise.all(
        keys.map((key) => post(server.url, body, key, 'text/event-stream')),
      );
      for (const response of responses) read(response);
      count += opening;
    }
    await sleep(WARM_MS);
  }

  await openUntil(FIRST);
  const before = await usageOf(server);
  await openUntil(MANY);
  await sleep(WARM_MS);
  const idle = await usageOf(server);
  return Math.round((idle.rssKb - before.rssKb) / (MANY - FIRST));
}

/** What a stream takes in Node at least. */
async function measureBare() {
  const program = fork('scripts/bench/bare-streams.mjs', [], {
    execArgv: ['--expose-gc', '--import', PROBE],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const [url] = await once(program.stdout, 'data');
  const idleKb = await openMany({ program, url: String(url).trim() }, {}, (response) => response.resume());
  program.kill('SIGKILL');
  await once(program, 'exit');
  return { load: 'node:http alone', streams: MANY, 'KB if idle': idleKb };
}

/** Opens a thousand streams over jobs that all change at once, and measures while they change, and before. */
async function measureMany({ what, body, jobsOf }) {
  const upstream = await startChangingUpstream(CHANGING, CHANGE_MS);
  const environment = {
    MAX_STREAMS: String(2 * MANY),
    MAX_STREAMS_PER_KEY: String(MANY),
    MAX_EVENT_LOOP_DELAY_MS: '600000',
  };
  const gateway = await startGateway(upstream.url, ['--expose-gc', '--import', PROBE], environment);
  const streams = [];
  const latenesses = [];
  let events = 0;

  function read(response) {
    const versions = new Map();
    const { bytes } = readEvents(response, ({ data, errors }) => {
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
      events += 1;
      for (const { qrn, queuePosition } of jobsOf(data)) {
        if (queuePosition < (versions.get(qrn) ?? 0)) throw new Error(`${qrn} goes back.`);
        versions.set(qrn, queuePosition);
      }
      const [{ queuePosition }] = jobsOf(data);
      latenesses.push(performance.now() - upstream.beganAtMs[queuePosition]);
    });
    streams.push({ versions, bytes });
  }

  const idleKb = await openMany(gateway, body, read);
  upstream.start();
  await sleep(2 * WARM_MS);
  const opened = await usageOf(gateway);
  const bytesOf = () => streams.reduce((sum, { bytes }) => sum + bytes(), 0);
  const [beganAtMs, bytesBefore] = [performance.now(), bytesOf()];
  latenesses.length = 0;
  events = 0;
  await sleep(2 * MEASURED_MS);
  const after = await usageOf(gateway);
  const seconds = (performance.now() - beganAtMs) / 1000;
  const row = {
    load: what,
    streams: MANY,
    'CPU %': percent((after.cpuMs - opened.cpuMs) / 1000 / seconds),
    'events/s': Math.round(events / seconds),
    'MB/s': Math.round((bytesOf() - bytesBefore) / seconds / 1e5) / 10,
    'p50 ms late': Math.round(
      valueAt(
        latenesses.sort((a, b) => a - b),
        0.5,
      ),
    ),
    'p99 ms late': Math.round(valueAt(latenesses, 0.99)),
    'KB if idle': idleKb,
  };
  upstream.stop();
  const isTrue = ({ versions }) =>
    versions.size === CHANGING && [...versions.values()].every((version) => version === upstream.version);
  const untilMs = performance.now() + CATCH_UP_MS;
  while (!streams.every(isTrue)) {
    if (performance.now() > untilMs) throw new Error('A stream does not show the truth.');
    await sleep(CHANGE_MS);
  }
  await gateway.end();
  upstream.close();
  return row;
}

const percent = (share) => Math.round(share * 1000) / 10;
const at = (sorted, share) => Math.round(valueAt(sorted, share) * 10) / 10;

const rows = [];
for (const scenario of SCENARIOS) rows.push(await measure(scenario));
console.table(rows);
const many = [await measureBare()];
for (const load of LOADS) many.push(await measureMany(load));
console.table(many);
