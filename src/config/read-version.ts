import { readFileSync } from 'node:fs';

/** The version of the program, from its `package.json`. */
export function readVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return JSON.parse(manifest).version;
}
