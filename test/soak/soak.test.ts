import { setMaxListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { runProgram } from '../support/run-program.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { CENSUS_OPTIONS, type Census, createCensusTaker } from './census.ts';
import { createChaosService } from './chaos-service.ts';
import { createClients } from './clients.ts';
import { Truth } from './truth.ts';

/** How long the storm lasts. `SOAK_SECONDS` changes it. */
const STORM_MS = 1000 * Number(process.env['SOAK_SECONDS'] ?? 300);

/** How long everything may take to be as before, once the storm is over. */
const CALM_MS = 45_000;

const KEYS = ['alice', 'bob', 'carol', 'revoked'];

/** How much more memory the gateway may hold at the end: the cache is bounded, and kept. So is compiled code. */
const CACHE_BYTES = 16_000_000;
const MAX_GROWTH_BYTES = CACHE_BYTES + 16_000_000;

/** How many more timers, sockets and open files the gateway may have at the end: those of one last reading. */
const SLACK = 6;

test('the built gateway beside an upstream in trouble answers nothing wrong, and ends as it began', {
  timeout: STORM_MS + CALM_MS + 60_000,
}, async () => {
  const truth = new Truth(KEYS, 120);
  const service = createChaosService(truth);
  const upstream = await startScriptedUpstream(service.script);
  onTestFinished(() => upstream.close());
  const gateway = runProgram([], {
    PORT: '0',
    METRICS_PORT: '0',
    LOG_LEVEL: 'info',
    ACCESS_LOG_LEVEL: 'silent',
    QBRAID_API_URL: upstream.url,
    RATE_LIMIT_REQUESTS: '1000000',
    OPERATION_TIMEOUT_MS: '5000',
    UPSTREAM_HEADERS_TIMEOUT_MS: '1500',
    UPSTREAM_BODY_TIMEOUT_MS: '1500',
    STALE_IF_ERROR_MS: '10000',
    STORE_MAX_BYTES: String(CACHE_BYTES),
    // Ends the process where memory grows without bounds.
    NODE_OPTIONS: `--max-old-space-size=192 --unhandled-rejections=strict ${CENSUS_OPTIONS}`,
  });
  const [, url = ''] = await gateway.printed(/"url":"([^"]+)"/);
  const [, metricsUrl = ''] = await gateway.printed(/"metrics":"([^"]+)"/);
  const take = createCensusTaker(gateway);
  const look = async (): Promise<Standing> => ({
    ...(await readMetrics(metricsUrl)),
    ...(await take()),
    connections: await upstream.connections(),
  });
  const clients = createClients(url, truth, service.isRevoked);
  const before = await look();

  const endMs = performance.now() + STORM_MS;
  const isStorm = () => performance.now() < endMs;
  const repeat = async (everyMs: number, act: (round: number) => unknown) => {
    for (let round = 0; isStorm(); round += 1) {
      await act(round);
      await setTimeout(Math.min(Math.random() * 2 * everyMs, endMs - performance.now()));
    }
  };

  const watching = new AbortController();
  setMaxListeners(0, watching.signal);
  const watched = truth.namesOf('alice').slice(0, 30);
  const told = [clients.watchJobs('alice', watched, watching.signal)];
  for (const key of KEYS) for (let count = 0; count < 5; count += 1) clients.watchList(key, watching.signal);

  await Promise.all([
    ...KEYS.flatMap((key, index) => [
      repeat(40, (round) => truth.change(key, round * 7)),
      repeat(700, () => truth.submit(key)),
      repeat(30, (round) => clients.readJob(key, round * 11 + index)),
      repeat(60, () => clients.readList(key)),
      repeat(400, () => clients.walk(key)),
      repeat(100, () => clients.leave(key)),
    ]),
    // Streams over the same jobs, of which some stay.
    repeat(500, (round) => {
      const leaving = AbortSignal.timeout(3000);
      const tellings = clients.watchJobs('alice', watched, round % 10 === 0 ? watching.signal : leaving);
      if (round % 10 === 0) told.push(tellings);
    }),
    repeat(80, () => clients.readTeam(['alice', 'bob'])),
    repeat(80, () => clients.readTeam(['carol', 'alice', 'bob'])),
    repeat(3000, async (round) => {
      await setTimeout(2000);
      service.disrupt(round % 2 === 0 ? { status: 503 } : 'hang');
      await setTimeout(3000);
      service.disrupt(null);
    }),
    repeat(4000, async () => {
      service.revoke('revoked', true);
      await setTimeout(4000);
      service.revoke('revoked', false);
      clients.forgetRefusals();
    }),
  ]);

  service.calm();
  const isTold = (qrn: string) => told.every((tellings) => tellings.get(qrn) === truth.shotsOf(qrn));
  await until(() => watched.every(isTold));
  const untold = watched.filter((qrn) => !isTold(qrn));
  watching.abort();
  await clients.close();
  const rest = await untilAtRest(look, before);
  console.log({ ...clients.counts, requests: upstream.requests.length, before, rest });

  expect(truth.faults.slice(0, 20)).toEqual([]);
  expect(told.length).toBeGreaterThan(1);
  expect(untold).toEqual([]);
  expect(clients.counts.answered).toBeGreaterThan(100);
  expect(clients.counts.stale).toBeGreaterThan(0);
  expect(growthOf(before, rest)).toEqual([]);
  gateway.signal('SIGTERM');
  const { code, stdout, stderr } = await gateway.ended;
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).not.toMatch(/"level":(50|60)/);
});

/** All that must be at the end as it was at the beginning. */
interface Standing extends Census {
  readonly streams: number;
  readonly pollers: number;
  readonly operations: number;
  readonly files: number;
  /** Those of the gateway to upstream. */
  readonly connections: number;
}

/** What the gateway tells of itself. */
async function readMetrics(url: string) {
  const text = await (await fetch(url)).text();
  const read = (name: string) => {
    const [, value] = new RegExp(`^${name} (\\S+)$`, 'm').exec(text) ?? [];
    if (value === undefined) throw new Error(`There is no metric ${name}.`);
    return Number(value);
  };
  return {
    streams: read('qbraid_gateway_streams_open'),
    pollers: read('qbraid_gateway_pollers'),
    operations: read('qbraid_gateway_operations_in_flight'),
    files: read('process_open_fds'),
  };
}

/** What there is more of than at the beginning. */
function growthOf(before: Standing, now: Standing): readonly string[] {
  const names = Object.keys(before) as (keyof Standing)[];
  return names.flatMap((name) => {
    const growth = now[name] - before[name];
    const slack = { heapBytes: MAX_GROWTH_BYTES, streams: 0, pollers: 0, operations: 0 };
    return growth > (slack[name as keyof typeof slack] ?? SLACK) ? [`${growth} more ${name}`] : [];
  });
}

/** How it stands once nothing has grown any more, or when the time for that is over. */
async function untilAtRest(look: () => Promise<Standing>, before: Standing): Promise<Standing> {
  let rest = await look();
  for (let time = 0; time < CALM_MS / 1000 && growthOf(before, rest).length > 0; time += 1) {
    await setTimeout(1000);
    rest = await look();
  }
  return rest;
}

async function until(holds: () => boolean): Promise<void> {
  for (let time = 0; time < CALM_MS / 100 && !holds(); time += 1) await setTimeout(100);
}
