import { afterAll, describe, expect, inject, test } from 'vitest';
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

const windowMs = inject('windowMs');
const isWhole = windowMs === WHOLE_WINDOW_MS;
const tabs = isWhole ? 100 : 20;

/** How many replicas share what they read, where `npm run bench:requests -- --replicas` says so; 1 for none. */
const replicas = Number(process.env['BENCH_REPLICAS'] ?? (isWhole ? 1 : 4));

/** Two whole windows, each of up to 18,000 polls: it says nothing about speed. */
const FUSE_MS = 600_000;

/** How much more replicas may ask together than one would. */
const MAX_FACTOR = 1.1;

const loads: readonly [title: string, run: (replicas: number) => Promise<Economy>][] = [
  [
    `${tabs} tabs × 50 active jobs, every 5 s, in step`,
    (count) => watchedJobs('', { windowMs, tabs, areInStep: true, replicas: count }),
  ],
  [
    `${tabs} tabs × 50 active jobs, every 5 s, out of step`,
    (count) => watchedJobs('', { windowMs, tabs, areInStep: false, replicas: count }),
  ],
  [
    'the same, with FRESH_ACTIVE_MS=5000',
    (count) => watchedJobs('', { windowMs, tabs, areInStep: false, freshActiveMs: 5000, replicas: count }),
  ],
  [
    'dashboard of 8 keys, 30 viewers, a list and 4 counts, every 10 s',
    (count) => teamDashboard('', filteredTiles, windowMs, count),
  ],
  ['the same, with all counts from `jobCounts`', (count) => teamDashboard('', countedTiles, windowMs, count)],
  ['20 aliases of `job` over 10 QRNs', (count) => aliasedJobs('', count)],
  ['50 jobs with their batches', (count) => jobsWithBatches('', count)],
  ['500 recent jobs by id, at once', (count) => manyJobsAtOnce('', count)],
];

describe.runIf(replicas > 1)(`${replicas} replicas that take turns ask no more than one would`, () => {
  const rows: string[] = [];

  afterAll(() => {
    console.log(
      [
        '',
        `| load | one replica | ${replicas} replicas, round robin |`,
        '| --- | ---: | ---: |',
        ...rows,
        '',
      ].join('\n'),
    );
  });

  test.each(loads)(
    '%s',
    async (title, run) => {
      const one = await run(1);
      const many = await run(replicas);
      rows.push(`| ${title} | ${one.asked} | ${many.asked} |`);
      expect(many.asked).toBeLessThanOrEqual(MAX_FACTOR * one.asked);
    },
    FUSE_MS,
  );
});
