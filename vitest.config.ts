import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** The window of the limit of the qBraid API, in milliseconds. */
const WHOLE_WINDOW_MS = 900_000;

/** A part of it, in which loads go on alike: a whole one takes a minute to count. */
const SHORT_WINDOW_MS = WHOLE_WINDOW_MS / 45;

/** What runs by the real clock gets a second try: a machine that is busy for a second may break one rule, not twice the same. */
const AGAIN = 1;

/** Ends what hangs. It says nothing about speed: a machine with other work may be twenty times slower. */
const FUSE_MS = 120_000;

export default defineConfig({
  resolve: {
    // Vite would take graphql's `module` entry for our files and Node its `main` for those of Yoga: two copies, whose
    // errors and types do not know each other.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    environment: 'node',
    restoreMocks: true,
    unstubEnvs: true,
    // Files share a process, and so the modules that they import: no module of `src/` has state that may change.
    isolate: false,
    // Each process imports the modules anew, which takes seconds, so that there are no more than processors.
    maxWorkers: availableParallelism(),
    testTimeout: FUSE_MS,
    hookTimeout: FUSE_MS,
    // The JSON reports are what .ci/run counts: `npm run test:program` names another file for its own.
    reporters: ['default', 'json'],
    outputFile: { json: 'coverage/tests.json' },
    projects: [
      {
        extends: true,
        test: {
          name: 'alone',
          // It looks through all of its process, which is small only if it is its own.
          include: ['test/heap/**/*.test.ts'],
          isolate: true,
        },
      },
      {
        extends: true,
        test: {
          name: 'built',
          include: ['test/{process,realtime}/**/*.test.ts'],
          exclude: ['test/process/{fleet,example}*.test.ts'],
          // They mostly wait, for the program or for time to pass.
          retry: AGAIN,
          maxWorkers: availableParallelism() + 1,
          globalSetup: 'test/support/build-program.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'fleet',
          include: ['test/{process,bench}/fleet*.test.ts', 'test/contract/redis*.test.ts'],
          provide: { windowMs: SHORT_WINDOW_MS },
          // Four programs and a server take all of a small machine, and are held to times: nothing else runs beside them. What
          // makes a server stand still waits for seconds, too.
          retry: AGAIN,
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
          globalSetup: 'test/support/build-program.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'examples',
          include: ['test/process/example*.test.ts'],
          retry: AGAIN,
          globalSetup: 'test/support/build-examples.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'gateway',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/{heap,process,realtime,soak}/**',
            'test/bench/fleet*',
            'test/contract/redis*.test.ts',
          ],
          provide: { windowMs: SHORT_WINDOW_MS },
        },
      },
      {
        extends: true,
        test: {
          name: 'requests',
          include: ['test/bench/**/*.test.ts'],
          provide: { windowMs: WHOLE_WINDOW_MS },
          // It reads 5,000 jobs at once. A larger young generation saves a fifth of its time.
          execArgv: ['--max-semi-space-size=64'],
        },
      },
      {
        extends: true,
        test: {
          name: 'soak',
          include: ['test/soak/**/*.test.ts'],
          globalSetup: 'test/support/build-program.ts',
        },
      },
    ],
  },
});
