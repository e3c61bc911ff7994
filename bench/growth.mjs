// Measures how the cost of the built gateway grows with clients, keys, pages and lists, with its cache and without.
// `--quick` measures for a shorter time, `--only clients,keys` narrows it, `--patient` is for a busy machine, and `--write` writes the tables into
// docs/performance.md.
import { parseArgs } from 'node:util';
import { GROWTHS } from './growths.mjs';
import { assertFaultless, measure, mediansOf } from './measure.mjs';
import { describePatience, describeRig } from './rig.mjs';
import { OURS, OURS_COLD, toPatient } from './servers.mjs';
import { startLoadGenerator } from './start-load-generator.mjs';
import { startServer } from './start-server.mjs';
import { startUpstream } from './start-upstream.mjs';
import { decimals, toTable, whole, writeBetweenMarkers } from './table.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: Object.keys(GROWTHS).join() },
    patient: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const TIMES = options.quick
  ? { repetitions: 1, firstWarmMs: 1000, warmMs: 0, measuredMs: 1000 }
  : { repetitions: 3, firstWarmMs: 4000, warmMs: 500, measuredMs: 2000 };
const KINDS = [OURS, OURS_COLD];

const generator = startLoadGenerator();

async function measurePoint({ jobs, clients, mayRefuse, makeRequests }) {
  const upstream = await startUpstream({ JOBS: String(jobs), OWN_QRNS: '1' });
  const results = [];
  for (const kind of KINDS) {
    const server = await startServer(options.patient ? toPatient(kind) : kind, upstream.url);
    const requests = await makeRequests(server.port);
    results.push(await measureKind(kind, { server, upstream, requests, clients, mayRefuse }));
    await server.end();
  }
  await upstream.end();
  return results;
}

async function measureKind({ title }, { server, upstream, requests, clients, mayRefuse }) {
  const run = {
    port: server.port,
    load: { requests },
    connections: clients,
    cover: false,
    seed: 1,
    mayRefuse,
  };
  const results = [];
  for (let repetition = 0; repetition < TIMES.repetitions; repetition += 1) {
    const durationMs = repetition === 0 ? TIMES.firstWarmMs : TIMES.warmMs;
    await generator.run({ ...run, durationMs });
    const result = await measure({
      server,
      upstream,
      generator,
      run: { ...run, durationMs: TIMES.measuredMs },
    });
    assertFaultless(title, result);
    results.push(result);
  }
  return mediansOf(results);
}

/** The numbers with the cache, then those without. */
function toRow(title, [usual, cold]) {
  return [
    title,
    ...[usual, cold].flatMap(({ cpuMicros, p50Ms, p99Ms, upstreamPerRequest, refusedShare }) => [
      whole(cpuMicros),
      decimals(p50Ms, 2),
      decimals(p99Ms, 2),
      decimals(upstreamPerRequest, 3),
      `${decimals(refusedShare * 100, 1)} %`,
    ]),
  ];
}

const NUMBERS = ['CPU µs', 'p50 ms', 'p99 ms', 'upstream/request', 'refused'];

try {
  const tables = [];
  for (const name of options.only.split(',')) {
    const { title, points } = GROWTHS[name];
    const rows = [];
    for (const point of points) {
      rows.push(toRow(point.title, await measurePoint(point)));
      console.error(`${title}: ${rows.at(-1).join(', ')}`);
    }
    tables.push(toTable([title, ...NUMBERS, ...NUMBERS.map((number) => `cold: ${number}`)], rows));
  }
  const about = `${describeRig()} ${TIMES.repetitions} × ${TIMES.measuredMs / 1000} s, medians.${describePatience(options.patient)}`;
  const text = [about, ...tables].join('\n\n');
  console.log(text);
  if (options.write) writeBetweenMarkers('growth', `\n${text}\n`);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await generator.end();
