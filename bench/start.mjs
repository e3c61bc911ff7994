// Measures how long the built gateway takes from its start to its first answer. `--write` writes that into docs/performance.md.
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { endProcess, startNode } from './child-process.mjs';
import { findFreePort } from './free-port.mjs';
import { median } from './measure.mjs';
import { describeRig } from './rig.mjs';
import { toTable, whole, writeBetweenMarkers } from './table.mjs';

const RUNS = 10;
const RETRY_MS = 2;
const LONGEST_MS = 20_000;

const { values: options } = parseArgs({ options: { write: { type: 'boolean', default: false } } });

/** Asks once. Gives the status of the answer, or why there is none. */
function ask(port) {
  return new Promise((resolve) => {
    const outgoing = request(
      {
        port,
        host: '127.0.0.1',
        path: '/graphql',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode));
      },
    );
    outgoing.on('error', (error) => resolve(error.message));
    outgoing.end(JSON.stringify({ query: '{ __typename }' }));
  });
}

/** The time from the start of a gateway in this folder to its first answer, in milliseconds. */
async function measureStart(cwd) {
  const port = await findFreePort();
  const startedAtMs = performance.now();
  const child = startNode(['dist/main.js'], {
    cores: 'server',
    cwd,
    env: { NODE_ENV: 'production', PORT: String(port), LOG_LEVEL: 'warn' },
  });
  let answer = await ask(port);
  while (answer !== 200) {
    if (performance.now() - startedAtMs > LONGEST_MS)
      throw new Error(`the gateway does not answer: ${answer}`);
    await sleep(RETRY_MS);
    answer = await ask(port);
  }
  const ms = performance.now() - startedAtMs;
  await endProcess(child);
  return ms;
}

/** The program as the container has it, where the source maps are left out. */
function copyWithoutMaps() {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-start-'));
  for (const path of ['dist', 'schema.graphql', 'package.json', 'examples/operations'])
    cpSync(path, join(folder, path), { recursive: true });
  const maps = readdirSync(join(folder, 'dist'), { recursive: true }).filter((path) => path.endsWith('.map'));
  for (const path of maps) rmSync(join(folder, 'dist', path));
  return folder;
}

const container = copyWithoutMaps();
const programs = [
  { title: 'as built', cwd: resolve('.'), times: [] },
  { title: 'without source maps, as in the container', cwd: container, times: [] },
];
for (let run = 0; run < RUNS; run += 1) {
  for (const { cwd, times } of programs) times.push(await measureStart(cwd));
}
rmSync(container, { recursive: true });

const rows = programs.map(({ title, times }) => [
  title,
  whole(Math.min(...times)),
  whole(median(times)),
  whole(Math.max(...times)),
]);
const about = `${describeRig()} ${RUNS} starts of each.`;
const table = toTable(['program', 'min ms', 'median ms', 'max ms'], rows);
console.log(`${about}\n\n${table}`);
if (options.write) writeBetweenMarkers('start', `\n${about}\n\n${table}\n`);
