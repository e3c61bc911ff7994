import type { PageNumber } from '../upstream/job-list.ts';
import type { ReadPage } from './list-page.ts';
import { locate } from './locate.ts';
import type { Boundary, Direction } from './place.ts';
import { firstPages, nextPages, pagesAt, resortOffset } from './plan-search.ts';
import { join, joinAll, type Run, toRun } from './run.ts';

/** A run that holds a boundary, and the index of the entry that the boundary stands in front of. */
export interface Part {
  readonly run: Run;
  readonly index: number;
}

/** Enough to find a place among a million jobs by halves. */
const MAX_PROBES = 16;

/**
 * Reads the part of a list next to a boundary: `count` jobs in `direction` where one burst of pages gives them, fewer
 * where the list ends or moved under the burst, never with a gap. Where the list has moved so far that the boundary
 * is not in the burst, more pages are read until it is found.
 */
export async function readPart(
  readPage: ReadPage,
  boundary: Boundary,
  direction: Direction,
  count: number,
): Promise<Part> {
  let run = await readBurst(readPage, firstPages(boundary, direction, count), direction);
  let bounds = { low: 0, high: Number.POSITIVE_INFINITY };
  for (let probe = 0; probe < MAX_PROBES; probe += 1) {
    const location = locate(run, boundary, direction);
    if (typeof location === 'number') return { run, index: location };

    if (location === 'in-front') bounds = { ...bounds, high: run.offset };
    if (location === 'behind') bounds = { ...bounds, low: run.offset + run.entries.length };
    const pages = nextPages({ run, location, boundary, direction, count, probe, bounds });
    if (pages === null) break;
    const found = await readBurst(readPage, pages, direction);
    run = join(found, run) ?? join(run, found) ?? found;
  }
  return readLastResort(readPage, run, boundary, direction, count);
}

/** Nothing tells where the boundary went: it is put where no job is lost, though some may be repeated. */
async function readLastResort(
  readPage: ReadPage,
  { total }: Run,
  boundary: Boundary,
  direction: Direction,
  count: number,
): Promise<Part> {
  const offset = resortOffset(boundary, total, direction);
  const run = await readBurst(readPage, pagesAt(offset, total, direction, count), direction);
  return { run, index: Math.min(Math.max(0, offset - run.offset), run.entries.length) };
}

async function readBurst(
  readPage: ReadPage,
  pages: readonly PageNumber[],
  direction: Direction,
): Promise<Run> {
  const runs = await Promise.all(pages.map(async (page) => toRun(await readPage(page), page)));
  return joinAll(runs, direction);
}
