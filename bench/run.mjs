// Measures the built gateway beside its peers. `--quick` is one short repetition, `--only W1,W5` and `--servers limit,ours`
// narrow it, `--patient` is for a busy machine, and `--write` writes the table into docs/performance.md.
import { checkAnswers } from './check-answers.mjs';
import { assertFaultless, isBoundByDriver, isDisturbed, measure, mediansOf } from './measure.mjs';
import { parseOptions } from './options.mjs';
import { describePatience, describeRig } from './rig.mjs';
import { SERVERS, toPatient } from './servers.mjs';
import { startLoadGenerator } from './start-load-generator.mjs';
import { startServer } from './start-server.mjs';
import { startUpstream } from './start-upstream.mjs';
import { decimals, toTable, whole, writeBetweenMarkers } from './table.mjs';
import { WORKLOADS } from './workloads.mjs';

const CONNECTIONS = 64;

const { isQuick, isPatient, writes, workloads, servers } = parseOptions();
const TIMES = isQuick
  ? { repetitions: 1, firstWarmMs: 1000, warmMs: 0, measuredMs: 1000 }
  : { repetitions: 3, firstWarmMs: 6000, warmMs: 1000, measuredMs: 4000 };

const upstream = await startUpstream();
const generator = startLoadGenerator();

/** Starts all servers of a workload, and lets them take turns: what the machine does besides meets all of them. */
async function measureWorkload(workload) {
  const requests = WORKLOADS[workload].requests();
  const ids = servers.filter((id) => SERVERS[id].workloads.includes(workload));
  const cells = [];
  for (const id of ids) {
    const server = await startServer(isPatient ? toPatient(SERVERS[id]) : SERVERS[id], upstream.url);
    const target = { port: server.port, isPlain: SERVERS[id].isPlain };
    cells.push({ workload, ...SERVERS[id], server, target, results: [] });
    await checkAnswers(SERVERS[id].title, target, requests);
  }
  for (let repetition = 0; repetition < TIMES.repetitions; repetition += 1) {
    for (const cell of cells) cell.results.push(await measureCell(cell, repetition));
  }
  // Once more: a server may mix answers up only under load.
  for (const { title, target } of cells) await checkAnswers(title, target, requests);
  await Promise.all(cells.map(({ server }) => server.end()));
  return cells.map(({ title, results }) => ({ workload, title, ...mediansOf(results) }));
}

async function measureCell({ workload, title, server, target, isPlain, isCaching }, repetition) {
  const run = {
    port: target.port,
    load: { workload, isPlain },
    connections: CONNECTIONS,
    cover: false,
    seed: repetition + 1,
  };
  // A cache that fills while it is measured would be neither cold nor full.
  if (repetition === 0 && isCaching) await generator.run({ ...run, cover: true });
  // A server that answers few requests in a second needs seconds until its code is compiled.
  const durationMs = repetition === 0 ? TIMES.firstWarmMs : TIMES.warmMs;
  await generator.run({ ...run, durationMs, seed: repetition + 101 });
  const result = await measure({
    server,
    upstream,
    generator,
    run: { ...run, durationMs: TIMES.measuredMs },
  });
  assertFaultless(`${workload}, ${title}`, result);
  console.error(
    `${workload}, ${title}: ${whole(result.cpuMicros)} µs of CPU, ${whole(result.perS)} requests/s, the server busy ${percent(result.serverBusy)}, others ${percent(result.driverBusy)}`,
  );
  return result;
}

const COLUMNS = [
  'workload',
  'server',
  'CPU µs',
  '× limit',
  'requests/s',
  'p50 ms',
  'p99 ms',
  'p99/p50',
  'peak MB',
  'upstream/request',
  'server busy',
  'others busy',
];

function toRow(row, rows) {
  const limit = rows.find(({ workload, title }) => workload === row.workload && title === 'limit');
  return [
    row.workload,
    row.title,
    whole(row.cpuMicros),
    limit === undefined ? '' : decimals(row.cpuMicros / limit.cpuMicros, 2),
    `${isBoundByDriver(row) ? '≥ ' : ''}${whole(row.perS)}`,
    decimals(row.p50Ms, 2),
    decimals(row.p99Ms, 2),
    decimals(row.tail, 2),
    whole(row.peakMb),
    decimals(row.upstreamPerRequest, 3),
    percent(row.serverBusy),
    percent(row.driverBusy),
  ];
}

function percent(share) {
  return `${Math.round(share * 100)} %`;
}

try {
  const rows = [];
  for (const workload of workloads) rows.push(...(await measureWorkload(workload)));
  const table = toTable(
    COLUMNS,
    rows.map((row) => toRow(row, rows)),
    2,
  );
  const disturbed = rows.filter(isDisturbed).length;
  const doubt =
    disturbed === 0
      ? ''
      : ` In ${disturbed} of ${rows.length} rows the machine also did something else: measure them again.`;
  const about = `${describeRig()} ${TIMES.repetitions} × ${TIMES.measuredMs / 1000} s, medians.${describePatience(isPatient)}${doubt}`;
  console.log(`${about}\n\n${table}`);
  if (writes) writeBetweenMarkers('bench', `\n${about}\n\n${table}\n`);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await Promise.all([upstream.end(), generator.end()]);
