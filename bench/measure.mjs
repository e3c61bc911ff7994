import { SHARES_CORE } from './cores.mjs';
import { costOf } from './process-cost.mjs';

/** Runs a load against a server, and gives what it cost for each request. */
export async function measure({ server, upstream, generator, run }) {
  const before = await takeAccounts(server, upstream);
  const result = await generator.run(run);
  const after = await takeAccounts(server, upstream);
  const { requests, refused, elapsedMs, p50Ms, p99Ms, cpuMicros, faulty, faults } = result;
  const upstreamCpuMicros = after.upstream.cpuMicros - before.upstream.cpuMicros;
  const serverMicros = after.server.cpuMicros - before.server.cpuMicros;
  const driverMicros = SHARES_CORE ? cpuMicros + upstreamCpuMicros : Math.max(cpuMicros, upstreamCpuMicros);
  return {
    requests,
    faulty,
    faults,
    refusedShare: refused / requests,
    cpuMicros: serverMicros / requests,
    perS: (requests * 1000) / elapsedMs,
    p50Ms,
    p99Ms,
    tail: p99Ms / p50Ms,
    peakMb: after.server.peakBytes / 2 ** 20,
    upstreamPerRequest: (after.upstream.requests - before.upstream.requests) / requests,
    generatorMicros: cpuMicros / requests,
    serverBusy: serverMicros / (elapsedMs * 1000),
    driverBusy: driverMicros / (elapsedMs * 1000),
  };
}

async function takeAccounts(server, upstream) {
  return { server: await costOf(server.child), upstream: await upstream.account() };
}

/** Beyond this share of a core's time, it is full. */
const FULL = 0.9;

/** Whether the load generator and upstream were what was measured. */
export const isBoundByDriver = ({ driverBusy }) => driverBusy > FULL;

/** Whether something else had the cores: clients that never pause would have filled one of them. */
export const isDisturbed = ({ serverBusy, driverBusy }) => serverBusy < FULL && driverBusy < FULL;

/** A run that got a wrong answer measures nothing. */
export function assertFaultless(name, { faulty, requests, faults }) {
  if (faulty === 0 && requests > 0) return;
  const texts = faults.slice(0, 5).map(([text, count]) => `${count} × ${text}`);
  const isLate = faults.some(([text]) => text === 'status 503');
  const hint = isLate ? ' The gateway refuses if its process is late: see --patient.' : '';
  throw new Error(`${name}: ${faulty} of ${requests} answers are wrong: ${texts.join(', ')}.${hint}`);
}

/** The median of each number over the repetitions. */
export function mediansOf(results) {
  const names = Object.keys(results[0]).filter((name) => typeof results[0][name] === 'number');
  return Object.fromEntries(names.map((name) => [name, median(results.map((result) => result[name]))]));
}

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
