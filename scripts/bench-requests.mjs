// Counts the requests that loads cost: `npm run bench:requests`, and with `-- --replicas 4` those of replicas that share
// what they read, beside those of one.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { replicas: { type: 'string', default: '1' } } });
const replicas = Number(values.replicas);
if (!Number.isInteger(replicas) || replicas < 1 || replicas > 100) {
  console.error(`--replicas must be a whole number from 1 to 100, got ${values.replicas}.`);
  process.exit(1);
}
const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '../vitest.mjs');
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--project', 'requests', '--reporter', 'default'],
  { stdio: 'inherit', env: { ...process.env, BENCH_REPLICAS: String(replicas) } },
);
process.exit(status ?? 1);
