import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** The window of the limit of the qBraid API, in milliseconds. */
const WHOLE_WINDOW_MS = 900_000;

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
    // One more than there are processors, because tests of the built program mostly wait for it.
    maxWorkers: availableParallelism() + 1,
    testTimeout: FUSE_MS,
    hookTimeout: FUSE_MS,
    // The JSON report is what .ci/run counts.
    reporters: ['default', 'json'],
    outputFile: { json: 'coverage/tests.json' },
    // Vitest begins them in the order of their names. The last one has many short files, so that no processor waits.
    projects: [
      {
        extends: true,
        test: {
          name: 'alone',
          // The one looks through all of its process, which is small only if it is its own; the other takes long.
          include: ['test/heap/**/*.test.ts', 'test/bench/**/*.test.ts'],
          isolate: true,
          provide: { windowMs: WHOLE_WINDOW_MS / 90 },
        },
      },
      {
        extends: true,
        test: {
          name: 'built',
          include: ['test/process/**/*.test.ts'],
          globalSetup: 'test/support/build-program.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'gateway',
          include: ['test/**/*.test.ts'],
          exclude: ['test/heap/**', 'test/bench/**', 'test/process/**', 'test/browser/**', 'test/soak/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: 'test/support/build-program.ts',
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
