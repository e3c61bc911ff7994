import { readFileSync } from 'node:fs';
import { packageUrl } from '../lib/package-url.ts';

/** The version of the program, from its `package.json`. */
export function readVersion(): string {
  const manifest = readFileSync(packageUrl('package.json'), 'utf8');
  return JSON.parse(manifest).version;
}
