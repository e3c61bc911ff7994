// Installs the packages of a folder that has its own: node scripts/install-in.mjs FOLDER. It does nothing if they are there
// and the lock file has not changed since.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const [, , folder] = process.argv;
const marker = `${folder}/node_modules/.installed`;
const wanted = createHash('sha256')
  .update(readFileSync(`${folder}/package-lock.json`))
  .digest('hex');

if (!existsSync(marker) || readFileSync(marker, 'utf8') !== wanted) {
  execFileSync('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund'], { stdio: 'inherit' });
  writeFileSync(marker, wanted);
}
