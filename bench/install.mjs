// Installs the peers where they are missing, or where the lock file has changed since.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const INSTALLED = 'bench/node_modules/.installed';
const wanted = createHash('sha256').update(readFileSync('bench/package-lock.json')).digest('hex');

if (!existsSync(INSTALLED) || readFileSync(INSTALLED, 'utf8') !== wanted) {
  execFileSync('npm', ['ci', '--prefix', 'bench', '--no-audit', '--no-fund'], { stdio: 'inherit' });
  writeFileSync(INSTALLED, wanted);
}
