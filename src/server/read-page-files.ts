import { readdirSync, readFileSync } from 'node:fs';

/** Reads the texts of all files of a page, which stand in a folder of `pages/` with this name, by their names. */
export function readPageFiles(page: string): Readonly<Record<string, string>> {
  const folder = new URL(`../../pages/${page}/`, import.meta.url);
  const names = readdirSync(folder).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));
}
