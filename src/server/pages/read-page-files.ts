import { readdirSync, readFileSync } from 'node:fs';
import { packageUrl } from '../../lib/package-url.ts';

/** Reads the texts of all files of a page, which stand in a folder of `pages/` with this name, by their names. */
export function readPageFiles(page: string): Readonly<Record<string, string>> {
  const folder = packageUrl(`pages/${page}/`);
  const names = readdirSync(folder).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));
}
