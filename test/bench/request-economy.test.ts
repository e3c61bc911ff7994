import { readFileSync } from 'node:fs';
import { expect, inject, test } from 'vitest';
import {
  aliasedJobs,
  countedTiles,
  type Economy,
  filteredTiles,
  jobsWithBatches,
  manyJobsAtOnce,
  teamDashboard,
  WHOLE_WINDOW_MS,
  watchedJobs,
} from './request-economy.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** For how long the loads last, in milliseconds of the test's clock. */
    windowMs: number;
  }
}

/** The README's window, or a part of it: the loads go on alike from one poll to the next. */
const windowMs = inject('windowMs');
const isWhole = windowMs === WHOLE_WINDOW_MS;

/** The README's tabs, or as many as show the same. */
const tabs = isWhole ? 100 : 20;

/** How many requests over the floor are too few to matter: ten in the whole window. */
const MARGIN = (10 * windowMs) / WHOLE_WINDOW_MS;

/** How many requests of a key may be spent at any pace. The rest of its 900 come back evenly over the window. */
const BURST = 100;

const rows: Economy[] = [];

async function record<T extends Economy>(economy: Promise<T>): Promise<T> {
  const row = await economy;
  rows.push(row);
  return row;
}

test('watches 50 jobs from many tabs in step at one request for each poll', async () => {
  const { asked } = await record(
    watchedJobs(`${tabs} tabs × 50 active jobs, every 5 s, in step`, { windowMs, tabs, areInStep: true }),
  );
  expect(asked).toBeLessThanOrEqual(windowMs / 5000 + MARGIN);
});

test('watches 50 jobs from many tabs out of step at one request for each span of freshness', async () => {
  const { asked } = await record(
    watchedJobs(`${tabs} tabs × 50 active jobs, every 5 s, out of step`, {
      windowMs,
      tabs,
      areInStep: false,
    }),
  );
  expect(asked).toBeLessThanOrEqual(windowMs / 2000 + MARGIN);
});

test('watches 50 jobs from many tabs out of step as if in step where freshness is the interval of the polls', async () => {
  const { asked } = await record(
    watchedJobs('the same, with FRESH_ACTIVE_MS=5000', {
      windowMs,
      tabs,
      areInStep: false,
      freshActiveMs: 5000,
    }),
  );
  expect(asked).toBeLessThanOrEqual(windowMs / 5000 + MARGIN);
});

test.each([
  ['dashboard of 8 keys, 30 viewers, a list and 4 counts, every 10 s', filteredTiles],
  ['the same, with all counts from `jobCounts`', countedTiles],
])(
  'keeps a team within the budget of every key, with no answer older than 10 seconds: %s',
  async (load, dashboard) => {
    const { mostOfOneKey, oldestMs } = await record(teamDashboard(load, dashboard, windowMs));
    expect(mostOfOneKey).toBeLessThanOrEqual(BURST + ((900 - BURST) * windowMs) / WHOLE_WINDOW_MS);
    expect(oldestMs).toBeLessThanOrEqual(10_000);
  },
);

test('reads 20 aliases of 10 jobs with one request', async () => {
  const { asked } = await record(aliasedJobs('20 aliases of `job` over 10 QRNs'));
  expect(asked).toBe(1);
});

test('reads 50 jobs with their batches with two requests at most', async () => {
  const { asked } = await record(jobsWithBatches('50 jobs with their batches'));
  expect(asked).toBeLessThanOrEqual(2);
});

test('reads the 500 newest jobs by id with ten requests at most', async () => {
  const { asked } = await record(manyJobsAtOnce('500 recent jobs by id, at once'));
  expect(asked).toBeLessThanOrEqual(10);
});

test.runIf(isWhole)('is told of in the README as it is', () => {
  expect(rows).toHaveLength(8);
  const table = toTable(rows);
  console.log(`\n${table}\n`);
  expect(readFileSync('README.md', 'utf8')).toContain(table);
});

function toTable(economies: readonly Economy[]): string {
  const number = (value: number) => value.toLocaleString('en-US');
  return [
    '| load, in 15 minutes | one DataLoader per request | floor | this gateway |',
    '| --- | ---: | ---: | ---: |',
    ...economies.map(
      ({ load, perRequest, floor, asked }) =>
        `| ${load} | ${number(perRequest)} | ${number(floor)} | ${number(asked)} |`,
    ),
  ].join('\n');
}
