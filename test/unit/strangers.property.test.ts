import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { Admission } from '../../src/store/admission/admission.ts';
import { LogicalClock } from '../../src/store/admission/logical-clock.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { aPendingRequest, WINDOW_MS } from '../support/account-builder.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { ADMISSION_LIMITS } from '../support/store-limits.ts';

const SHARE = 3;
const REFUSED = new UpstreamError('unauthenticated', '401');
const LEFT = new Error('The client left.');

/** What a client does: it sends a request with a key of its own or a known one, and this comes of it. */
const aStep = fc.record({
  client: fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8:1:2::/64'),
  key: fc.constantFrom('new', 'new', 'new', 'proven'),
  outcome: fc.constantFrom<'fine' | typeof REFUSED | typeof LEFT>('fine', REFUSED, REFUSED, LEFT),
  afterMs: fc.nat(WINDOW_MS / 4),
});

/** An admission with one proven key, and what sends requests through it. */
async function openAdmission() {
  const clock = createFakeClock();
  const limits = { requests: 100_000, windowMs: WINDOW_MS };
  const logicalClock = new LogicalClock(clock);
  const admission = new Admission({
    ...ADMISSION_LIMITS,
    limits,
    maxRefusedKeys: SHARE,
    clock,
    logicalClock,
    random: () => 1,
  });
  let subjects = 0;

  /** Whether the request went out. */
  async function send(client: string, key: string, outcome: 'fine' | Error): Promise<boolean> {
    subjects += 1;
    const entering = async () =>
      admission.enter(
        aPendingRequest(admission.accountOf(new ApiKey(key)), { client, subject: `subject ${subjects}` }),
      );
    const permit = await entering().catch((error: UpstreamError) => error.kind);
    if (permit === 'rate-limited') return false;
    if (typeof permit === 'string' || 'served' in permit) throw new Error('The step could not be taken.');
    if (outcome === 'fine') await permit.landed('fine');
    else permit.failed(outcome);
    return true;
  }

  await send('192.0.2.9', 'proven', 'fine');
  return { clock, send };
}

test('an address sends no more refused keys than its share in a window, and waits only where it has', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aStep, { maxLength: 60 }), async (steps) => {
      const { clock, send } = await openAdmission();
      const takenAtMs = new Map<string, number[]>();
      for (const [index, { client, key, outcome, afterMs }] of steps.entries()) {
        clock.advance(afterMs);
        const isProven = key === 'proven';
        const taken = (takenAtMs.get(client) ?? []).filter((atMs) => atMs > clock.now() - WINDOW_MS);
        const isSent = await send(client, isProven ? key : `new ${index}`, isProven ? 'fine' : outcome);
        expect(isSent).toBe(isProven || taken.length < SHARE);
        if (isSent && !isProven && outcome !== 'fine') taken.push(clock.now());
        takenAtMs.set(client, taken);
      }
    }),
    { numRuns: 200 },
  );
});
