import { setMaxListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { runProgram } from '../support/run-program.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { createChaosService } from './chaos-service.ts';
import { createClients } from './clients.ts';
import { Truth } from './truth.ts';

/** How long the storm lasts. `SOAK_SECONDS` changes it. */
const STORM_MS = 1000 * Number(process.env['SOAK_SECONDS'] ?? 300);

/** How long everything may take to be as before, once the storm is over. */
const CALM_MS = 45_000;

const KEYS = ['alice', 'bob', 'carol', 'revoked'];

/** How much more memory the gateway may hold at the end: the cache is bounded, and kept. */
const MAX_GROWTH_BYTES = 60_000_000;

test('the built gateway beside a service in trouble answers nothing wrong, and ends as it began', {
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
    // Ends the process where memory grows without bounds.
    NODE_OPTIONS: '--max-old-space-size=192',
  });
  const [, url = ''] = await gateway.printed(/"url":"([^"]+)"/);
  const [, metricsUrl = ''] = await gateway.printed(/"metrics":"([^"]+)"/);
  const clients = createClients(url, truth, service.isRevoked);
  const before = await readMetrics(metricsUrl);

  const endMs = performance.now() + STORM_MS;
  const isStorm = () => performance.now() < endMs;
  const repeat = async (everyMs: number, act: (round: number) => unknown) => {
    for (let round = 0; isStorm(); round += 1) {
      await act(round);
      await setTimeout(Math.random() * 2 * everyMs);
    }
  };

  const watching = new AbortController();
  setMaxListeners(0, watching.signal);
  const watched = truth.namesOf('alice').slice(0, 30);
  const told = clients.watchJobs('alice', watched, watching.signal);
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
  await until(() => watched.every((qrn) => told.get(qrn) === truth.shotsOf(qrn)));
  const untold = watched.filter((qrn) => told.get(qrn) !== truth.shotsOf(qrn));
  watching.abort();
  const readState = async () => ({
    ...(await readMetrics(metricsUrl)),
    sockets: await upstream.connections(),
  });
  await until(async () => isAtRest(await readState()));
  const rest = await readState();
  console.log({ ...clients.counts, requests: upstream.requests.length, before, rest });

  expect(truth.faults.slice(0, 20)).toEqual([]);
  expect(untold).toEqual([]);
  expect(clients.counts.answered).toBeGreaterThan(clients.counts.failed / 4);
  expect(clients.counts.stale).toBeGreaterThan(0);
  expect(rest).toMatchObject({ streams: 0, operations: 0, pollers: 0, sockets: 0 });
  expect(rest.heapBytes - before.heapBytes).toBeLessThan(MAX_GROWTH_BYTES);
  gateway.signal('SIGTERM');
  const { code, stdout, stderr } = await gateway.ended;
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).not.toMatch(/"level":(50|60)/);
});

/** What the gateway tells of itself. */
async function readMetrics(url: string) {
  const text = await (await fetch(url)).text();
  const read = (name: string) => Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1]);
  return {
    streams: read('qbraid_gateway_streams_open'),
    operations: read('qbraid_gateway_operations_in_flight'),
    pollers: read('qbraid_gateway_pollers'),
    heapBytes: read('nodejs_heap_size_used_bytes'),
  };
}

/** Whether nothing is under way any more, and the idle connections to the service are closed. */
function isAtRest(
  state: Readonly<Record<'streams' | 'operations' | 'pollers' | 'sockets', number>>,
): boolean {
  return state.streams + state.operations + state.pollers + state.sockets === 0;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let time = 0; time < CALM_MS / 100 && !(await holds()); time += 1) await setTimeout(100);
}
