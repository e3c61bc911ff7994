import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The keys of each token, by label. */
export type RingsByToken = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A file of key rings that lives as long as the test. */
export interface KeyRingsFile {
  readonly path: string;
  write(rings: RingsByToken): void;
  writeText(text: string): void;
}

export function writeKeyRings(rings: RingsByToken): KeyRingsFile {
  const folder = mkdtempSync(join(tmpdir(), 'key-rings-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'key-rings.json');
  const file: KeyRingsFile = {
    path,
    write: (next) => file.writeText(toJson(next)),
    writeText: (text) => writeFileSync(path, text),
  };
  file.write(rings);
  return file;
}

function toJson(rings: RingsByToken): string {
  const list = Object.entries(rings).map(([token, keys], index) => ({
    name: `team-${index + 1}`,
    tokenSha256: createHash('sha256').update(token).digest('hex'),
    keys,
  }));
  return JSON.stringify(list, null, 2);
}
