import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { NEVER } from '../../src/jobs/seq.ts';
import { Admission } from '../../src/store/admission/admission.ts';
import { LogicalClock } from '../../src/store/admission/logical-clock.ts';
import type { CachedPage } from '../../src/store/cache/page-cache.ts';
import { pageResource } from '../../src/store/page-resource.ts';
import { createReadThrough } from '../../src/store/read-through.ts';
import type { JobPage, PageRequest } from '../../src/upstream/job-list.ts';
import { aScope, WINDOW_MS } from '../support/account-builder.ts';
import { openCaches } from '../support/open-caches.ts';
import { ADMISSION_LIMITS } from '../support/store-limits.ts';

const CASES = { numRuns: 60 };

/** The pages that are read: few enough for none to be evicted. */
const NUMBERS: readonly PageRequest[] = [
  { page: 1, limit: 1 },
  { page: 1, limit: 10 },
  { page: 2, limit: 10 },
  { page: 1, limit: 20 },
];

/**
 * A client reads a page: a fresh one, one of now, or one behind the cursor of the page that any client saw last. Or an
 * answer lands, and shows the list as it was when it was asked for, or as it is now. Or time passes.
 */
const aStep = fc.oneof(
  fc.record({
    kind: fc.constant('read' as const),
    number: fc.nat(NUMBERS.length - 1),
    mode: fc.constantFrom('plain' as const, 'no-cache' as const, 'behind' as const),
  }),
  fc.record({ kind: fc.constant('land' as const), which: fc.nat(3), isLatest: fc.boolean() }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(500, 2000) }),
);

type Step = typeof aStep extends fc.Arbitrary<infer Value> ? Value : never;

interface UnderWay {
  /** The version of the list when it was asked for. */
  readonly askedVersion: number;
  readonly land: (page: JobPage) => void;
}

/**
 * Clients of a list that changes at each step, and whose total is its version. Each checks that it sees no older version
 * than it may.
 */
function openClients() {
  const { clock, pages, invalidations } = openCaches();
  const logicalClock = new LogicalClock(clock);
  const limits = { requests: 100_000, windowMs: WINDOW_MS };
  const admission = new Admission({ ...ADMISSION_LIMITS, limits, clock, logicalClock, random: () => 1 });
  const underWay: UnderWay[] = [];
  let version = 1000;
  const client = {
    listJobs: () => new Promise<JobPage>((land) => underWay.push({ askedVersion: version, land })),
  };
  const freshness = { activeMs: 2000, terminalMs: 2000, holdMs: 2000 };
  const reading = createReadThrough(pageResource({ client, pages, invalidations, freshness }), {
    port: admission,
    clock,
    observe() {},
  });
  const key = new ApiKey('alice');
  const seen = new Map<number, number>();
  let lastSeen: CachedPage | null = null;

  async function read({ number, mode }: Extract<Step, { kind: 'read' }>): Promise<void> {
    const page = NUMBERS[number] ?? { page: 1, limit: 1 };
    const cursor = mode === 'behind' ? lastSeen : null;
    // Two pages that were under way at the same time have no order: a cursor may ask for the one that others do not see.
    const oldest = cursor?.value.total ?? seen.get(number) ?? 0;
    const scope = aScope({ startedSeq: admission.seq, mustBeFresh: mode === 'no-cache' });
    const reader = { key, account: admission.accountOf(key), scope };
    const entry = await reading.read(reader, { filter: {}, page }, cursor?.read.seq ?? NEVER);
    expect(entry.value.total).toBeGreaterThanOrEqual(oldest);
    if (cursor === null) seen.set(number, Math.max(entry.value.total, seen.get(number) ?? 0));
    lastSeen = entry;
  }

  function land(which: number, isLatest: boolean): void {
    const [request] = underWay.splice(which % Math.max(1, underWay.length), 1);
    request?.land({ items: [], total: isLatest ? version : request.askedVersion });
  }

  /** Takes a step. Gives what a client reads. */
  function take(step: Step): Promise<void> {
    version += 1;
    if (step.kind === 'read') return read(step);
    if (step.kind === 'land') land(step.which, step.isLatest);
    else clock.advance(step.ms);
    return Promise.resolve();
  }

  return { take, land, isIdle: () => underWay.length === 0 };
}

test('who reads a page sees nothing older than others saw of it, or than the cursor that it is behind', () =>
  fc.assert(
    fc.asyncProperty(fc.array(aStep, { minLength: 10, maxLength: 50 }), async (steps) => {
      const { take, land, isIdle } = openClients();
      const reads: Promise<void>[] = [];
      for (const step of steps) {
        reads.push(take(step));
        await setImmediate();
      }
      while (!isIdle()) {
        land(0, false);
        await setImmediate();
      }
      await Promise.all(reads);
    }),
    CASES,
  ));
