import { describe, expect, test } from 'vitest';
import type {
  Bell,
  Claim,
  Failure,
  FleetLink,
  Knowledge,
  Landed,
  Landing,
  Question,
  Reading,
  Renewal,
  Reply,
} from '../../src/fleet/fleet-link.ts';

/** A server whose links are tested. */
export interface TestFleet {
  connect(replica: string): Promise<FleetLink>;
  /** Lets so much time pass, of which the server knows. */
  pass(ms: number): Promise<void>;
}

/** A key that two replicas serve. */
interface TestKey {
  readonly fleet: TestFleet;
  /** An opaque name that no other test has. */
  readonly name: string;
  readonly a: FleetLink;
  readonly b: FleetLink;
}

type Go = Extract<Reply, { kind: 'go' }>;

const CLAIM: Claim = { group: 'jobs', start: 0, end: 20 };
const LATER = Number.MAX_SAFE_INTEGER;
const WINDOW_MS = 60_000;
const NOBODY = { partition: null, headSeq: 0 };

/** Says what every {@link FleetLink} does. Tests run side by side, each with a key of its own. */
export function describeFleetLink(title: string, open: () => Promise<TestFleet>): void {
  async function openKey(): Promise<TestKey> {
    const fleet = await open();
    const [a, b] = await Promise.all([fleet.connect('replica-a'), fleet.connect('replica-b')]);
    return { fleet, name: uniqueName('key'), a, b };
  }

  describe.concurrent(title, () => {
    test('lets a replica ask for what nobody has asked for, and counts the request', async () => {
      const { name, a, b } = await openKey();

      const reply = await a.ask(name, question({ request: 'r1', newPartition: 'first' }));

      expect(reply).toEqual({
        kind: 'go',
        partition: 'first',
        askedSeq: expect.any(Number),
        sentMs: expect.any(Number),
      });
      const { sentMs } = reply as Go;
      expect(Math.abs(sentMs - a.nowMs())).toBeLessThan(1000);
      expect(await b.pull(name, NOBODY)).toEqual({
        partition: 'first',
        headSeq: 0,
        gapSeq: 0,
        readings: [],
        refused: null,
        heldUntilMs: null,
        isProven: false,
        sent: [{ request: 'r1', atMs: sentMs }],
      });
    });

    test('knows nothing of a key before anybody has asked', async () => {
      const { name, a } = await openKey();
      expect(await a.pull(name, { partition: 'lost', headSeq: 7 })).toEqual({
        partition: null,
        headSeq: 0,
        gapSeq: 0,
        readings: [],
        refused: null,
        heldUntilMs: null,
        isProven: false,
        sent: [],
      });
    });

    test('gives the key the partition that the replica knows, if the server has lost it', async () => {
      const { name, a } = await openKey();
      expect(await ask(a, name, { partition: 'known', newPartition: 'new' })).toMatchObject({
        kind: 'go',
        partition: 'known',
      });
    });

    test('answers a late question with nothing, and does not count it', async () => {
      const { name, a } = await openKey();
      expect(await ask(a, name, { expiresMs: a.nowMs() - 1000 })).toEqual({ kind: 'expired' });
      expect((await a.pull(name, NOBODY)).sent).toEqual([]);
    });

    describe.concurrent('claims', () => {
      test.for<[string, Partial<Claim>]>([
        ['the same span', {}],
        ['a part of it', { start: 5, end: 15 }],
      ])('let others wait that want %s', async ([, wanted]) => {
        const { name, a, b } = await openKey();
        const { partition, sentMs } = await go(a, name);
        expect(await ask(b, name, { partition, claim: { ...CLAIM, ...wanted } })).toEqual({
          kind: 'wait',
          untilMs: sentMs + 3000,
        });
      });

      test.for<[string, Partial<Claim>]>([
        ['more than it', { end: 21 }],
        ['what comes before it', { start: 20, end: 40 }],
        ['another list', { group: 'other' }],
      ])('do not let others wait that want %s', async ([, wanted]) => {
        const { name, a, b } = await openKey();
        const { partition } = await go(a, name);
        expect(await ask(b, name, { partition, claim: { ...CLAIM, ...wanted } })).toMatchObject({
          kind: 'go',
        });
      });

      test('serve only who is content with what was asked then', async () => {
        const { name, a, b } = await openKey();
        const { partition, askedSeq } = await go(a, name);
        const before = await ask(b, name, { partition, sinceSeq: askedSeq - 1 });
        const after = await ask(b, name, { partition, sinceSeq: askedSeq });
        expect([before.kind, after.kind]).toEqual(['wait', 'go']);
      });

      test('end after three seconds', async () => {
        const { fleet, name, a, b } = await openKey();
        const { partition, sentMs } = await go(a, name);

        const next = await untilReply(fleet, b, name, { partition }, 'go');

        expect(next.sentMs - sentMs).toBeGreaterThanOrEqual(3000);
        expect(await a.renew(name, renewal(partition, 'r1'))).toBe('lost');
      });

      test('go on for three seconds more when they are renewed', async () => {
        const { fleet, name, a, b } = await openKey();
        const { partition, sentMs } = await go(a, name, { request: 'r1' });
        await fleet.pass(50);

        expect(await a.renew(name, renewal(partition, 'r1'))).toBe('renewed');

        const reply = await ask(b, name, { partition });
        expect(reply).toEqual({ kind: 'wait', untilMs: expect.any(Number) });
        expect((reply as { untilMs: number }).untilMs).toBeGreaterThanOrEqual(sentMs + 3050);
      });

      test('are renewed by their own request only', async () => {
        const { name, a } = await openKey();
        const { partition } = await go(a, name, { request: 'r1' });
        expect(await a.renew(name, renewal(partition, 'r2'))).toBe('lost');
        expect(await a.renew(name, renewal('other', 'r1'))).toBe('lost');
        expect(await a.renew(uniqueName('key'), renewal(partition, 'r1'))).toBe('lost');
      });

      test('count one request more when they are renewed for a retry', async () => {
        const { name, a } = await openKey();
        const { partition } = await go(a, name, { request: 'r1' });
        const retry = { request: 'r2', limit: 2, windowMs: WINDOW_MS };

        expect(await a.renew(name, { ...renewal(partition, 'r1'), retry })).toBe('renewed');
        expect(await a.renew(name, { ...renewal(partition, 'r1'), retry: { ...retry, request: 'r3' } })).toBe(
          'spent',
        );
        expect((await a.pull(name, NOBODY)).sent.map(({ request }) => request)).toEqual(['r1', 'r2']);
      });

      test.for([['r1'], ['r2']])(
        'are freed by the answer to any of their requests: here %s',
        async ([request]) => {
          const { name, a, b } = await openKey();
          const { partition, askedSeq } = await go(a, name, { request: 'r1' });
          const retry = { request: 'r2', limit: 2, windowMs: WINDOW_MS };
          await a.renew(name, { ...renewal(partition, 'r1'), retry });

          const sent = { request: request ?? '', atMs: 0 };
          const { readSeq } = await land(a, name, partition, { askedSeq, sent, sealed: null });

          expect(await ask(b, name, { partition, headSeq: readSeq })).toMatchObject({ kind: 'go' });
        },
      );

      test('stay when an overtaken request of the same span is answered', async () => {
        const { name, a, b } = await openKey();
        const first = await go(a, name, { request: 'r1' });
        const { partition } = await go(b, name, { request: 'r2', sinceSeq: first.askedSeq });
        const sent = { request: 'r1', atMs: 0 };
        const { readSeq } = await land(a, name, partition, { sent, sealed: null });
        expect(await ask(a, name, { partition, headSeq: readSeq })).toMatchObject({ kind: 'wait' });
      });
    });

    describe.concurrent('readings', () => {
      test('reach everybody who asks before they have applied them', async () => {
        const { name, a, b } = await openKey();
        const { partition, askedSeq, sentMs } = await go(a, name, { request: 'r1' });
        const sent = { request: 'r1', atMs: sentMs };

        const landed = await land(a, name, partition, { askedSeq, subject: 's', sealed: 'x', sent });

        const { readSeq, readMs } = landed;
        const reading = { readSeq, readMs, askedSeq, subject: 's', sealed: 'x', sent };
        expect(landed).toEqual({ kind: 'landed', readSeq, readMs, previousSeq: 0, isShared: true });
        expect(readSeq).toBeGreaterThan(askedSeq);
        expect(readMs).toBe(Math.floor(readSeq / 1024));
        const behind = { kind: 'behind', headSeq: readSeq, gapSeq: 0, readings: [reading] };
        expect(await ask(b, name, { partition })).toEqual(behind);
        expect(await ask(b, name)).toEqual(behind);
        expect(await ask(b, name, { partition, headSeq: readSeq })).toMatchObject({ kind: 'go' });
        expect(await b.pull(name, NOBODY)).toMatchObject({
          isProven: true,
          readings: [reading],
          headSeq: readSeq,
        });
      });

      test('come in their order, and only those that were missed', async () => {
        const { name, a, b } = await openKey();
        const first = await land(a, name, 'p', { subject: 's1' });
        const second = await land(b, name, 'p', { subject: 's2' });
        const third = await land(a, name, 'p', { subject: 's3' });

        expect([second.previousSeq, third.previousSeq]).toEqual([first.readSeq, second.readSeq]);
        const missed = await ask(b, name, { partition: 'p', headSeq: first.readSeq });
        expect(missed).toMatchObject({
          kind: 'behind',
          headSeq: third.readSeq,
          readings: [{ subject: 's2' }, { subject: 's3' }],
        });
        const position = { partition: 'p', headSeq: second.readSeq };
        expect(subjects((await b.pull(name, position)).readings)).toEqual(['s3']);
        expect(subjects((await b.pull(name, { ...position, partition: 'old' })).readings)).toEqual([
          's1',
          's2',
          's3',
        ]);
      });

      test('supersede those of the same subject that came before they were asked for, and come last', async () => {
        const { name, a } = await openKey();
        const first = await land(a, name, 'p', { subject: 's1', sealed: 'old', askedSeq: 1 });
        const second = await land(a, name, 'p', { subject: 's2', askedSeq: 2 });
        const askedSeq = second.readSeq + 1;
        const third = await land(a, name, 'p', { subject: 's1', sealed: 'new', askedSeq });

        const { readings, headSeq } = await a.pull(name, { partition: 'p', headSeq: first.readSeq - 1 });

        expect(headSeq).toBe(third.readSeq);
        expect(readings).toMatchObject([
          { readSeq: second.readSeq, subject: 's2' },
          { readSeq: third.readSeq, subject: 's1', sealed: 'new' },
        ]);
      });

      test('stand beside those of the same subject that came after they were asked for', async () => {
        const { name, a } = await openKey();
        const first = await land(a, name, 'p', { sealed: 'x1', askedSeq: 9 });
        const second = await land(a, name, 'p', { sealed: 'x2', askedSeq: 8 });

        expect(second).toMatchObject({ isShared: true, previousSeq: first.readSeq });
        const { headSeq, readings } = await a.pull(name, NOBODY);
        expect([headSeq, readings]).toMatchObject([second.readSeq, [{ sealed: 'x1' }, { sealed: 'x2' }]]);

        await land(a, name, 'p', { sealed: 'x3', askedSeq: first.readSeq + 1 });
        const { readings: later } = await a.pull(name, NOBODY);
        expect(later).toMatchObject([{ sealed: 'x2' }, { sealed: 'x3' }]);

        await land(a, name, 'p', { sealed: 'x4', askedSeq: (later[1]?.readSeq ?? 0) + 1 });
        expect((await a.pull(name, NOBODY)).readings).toMatchObject([{ sealed: 'x4' }]);
      });

      test('free their claim even if they are too large to be shared', async () => {
        const { name, a, b } = await openKey();
        const { partition } = await go(a, name, { request: 'r1' });
        const sent = { request: 'r1', atMs: 0 };
        const { isShared, readSeq: headSeq } = await land(a, name, partition, { sealed: null, sent });
        expect(isShared).toBe(false);
        expect(await ask(b, name, { partition, headSeq })).toMatchObject({ kind: 'go' });
      });

      test('are not shared when they come too late, and free their claim', async () => {
        const { name, a, b } = await openKey();
        const { partition } = await go(a, name, { request: 'r1' });
        const late = landing(partition, {
          sent: { request: 'r1', atMs: 0 },
          expiresMs: a.nowMs() - 1000,
        });
        expect(await a.land(name, late)).toEqual({ kind: 'expired' });
        expect(await ask(b, name, { partition })).toMatchObject({ kind: 'go' });
      });

      test('are kept to the number of 256, the newest', async () => {
        const { name, a } = await openKey();
        await Promise.all(
          Array.from({ length: 258 }, (_, index) => land(a, name, 'p', { subject: `s${index}` })),
        );
        const { readings } = await a.pull(name, NOBODY);
        expect(subjects(readings)).toEqual(Array.from({ length: 256 }, (_, index) => `s${index + 2}`));
      });

      test('are kept to one MiB together, the newest', async () => {
        const { name, a } = await openKey();
        const sealed = 'x'.repeat(300 * 1024);
        for (const subject of ['s1', 's2', 's1', 's3', 's4']) await land(a, name, 'p', { subject, sealed });
        expect(subjects((await a.pull(name, NOBODY)).readings)).toEqual(['s1', 's3', 's4']);
      });

      test('that are larger than one MiB alone are not shared', async () => {
        const { name, a } = await openKey();
        await land(a, name, 'p', { subject: 's1' });
        const landed = await land(a, name, 'p', { subject: 's2', sealed: 'x'.repeat(1024 * 1024 + 1) });
        expect(landed.isShared).toBe(false);
        expect(subjects((await a.pull(name, NOBODY)).readings)).toEqual(['s1']);
      });
    });

    describe.concurrent('a gap', () => {
      test('is a reading that is not shared, for everybody but who read it', async () => {
        const { name, a, b } = await openKey();
        const first = await land(a, name, 'p', { subject: 's1' });
        const second = await land(a, name, 'p', { subject: 's2', sealed: null });
        const gapSeq = second.readSeq;

        expect(second.previousSeq).toBe(first.readSeq);
        const missed = { headSeq: gapSeq, gapSeq, readings: [] };
        const position = { partition: 'p', headSeq: first.readSeq };
        expect(await ask(b, name, position)).toEqual({ kind: 'behind', ...missed });
        expect(await b.pull(name, position)).toMatchObject(missed);
        expect(await ask(a, name, { ...position, headSeq: gapSeq })).toMatchObject({ kind: 'go' });
      });

      test('stays where it was when more is read', async () => {
        const { name, a } = await openKey();
        const first = await land(a, name, 'p', { subject: 's1' });
        const gap = await land(a, name, 'p', { subject: 's2', sealed: null });
        const third = await land(a, name, 'p', { subject: 's3' });

        expect(third.previousSeq).toBe(gap.readSeq);
        expect(await a.pull(name, { partition: 'p', headSeq: first.readSeq })).toMatchObject({
          headSeq: third.readSeq,
          gapSeq: gap.readSeq,
          readings: [{ subject: 's3' }],
        });
      });

      test('is the last reading that was dropped to make room', async () => {
        const { name, a } = await openKey();
        const sealed = 'x'.repeat(400 * 1024);
        const landings = [];
        for (const subject of ['s1', 's2', 's3', 's4'])
          landings.push(await land(a, name, 'p', { subject, sealed }));
        const { gapSeq, readings } = await a.pull(name, NOBODY);
        expect([gapSeq, subjects(readings)]).toEqual([landings[1]?.readSeq, ['s3', 's4']]);
      });

      test('is none where a reading superseded another one', async () => {
        const { name, a } = await openKey();
        const { readSeq } = await land(a, name, 'p', {});
        await land(a, name, 'p', { askedSeq: readSeq + 1 });
        expect((await a.pull(name, NOBODY)).gapSeq).toBe(0);
      });

      test.for<[string, string | null, Partial<Knowledge>]>([
        ['has kept a reading without the log', 'p', { keptSeq: 7 }],
        ['has kept one, and knows no partition', null, { keptSeq: 7 }],
        ['knows later readings than the server', 'p', { headSeq: Number.MAX_SAFE_INTEGER }],
      ])('is told by a replica that %s', async ([, partition, knowledge]) => {
        const { fleet, name, a, b } = await openKey();
        const { readSeq } = await land(a, name, 'p', {});
        const bells = await listen(b, name);
        await a.heal(name, { ...nothingMore(partition), ...knowledge });

        const { gapSeq, headSeq } = await b.pull(name, { partition: 'p', headSeq: readSeq });
        expect([gapSeq > readSeq, headSeq]).toEqual([true, gapSeq]);
        await untilBells(fleet, bells, 1);
        expect(bells).toMatchObject([
          { kind: 'landed', partition: 'p', previousSeq: readSeq, readSeq: gapSeq, reading: null },
        ]);
      });

      test.for<[string, string, (readSeq: number) => Partial<Knowledge>]>([
        ['knows no more than the server', 'p', (readSeq) => ({ headSeq: readSeq })],
        ['has kept one of an older partition', 'old', () => ({ keptSeq: 7 })],
      ])('is not told by a replica that %s', async ([, partition, knowledge]) => {
        const { name, a } = await openKey();
        const { readSeq } = await land(a, name, 'p', {});
        await a.heal(name, { ...nothingMore(partition), ...knowledge(readSeq) });
        expect(await a.pull(name, NOBODY)).toMatchObject({ headSeq: readSeq, gapSeq: 0 });
      });
    });

    describe.concurrent('logical time', () => {
      test('is that of the clock, and never comes twice', async () => {
        const { name, a, b } = await openKey();
        const replies = await Promise.all(
          Array.from({ length: 20 }, (_, index) =>
            go(index % 2 ? a : b, name, { claim: { ...CLAIM, group: `g${index}` }, limit: 100 }),
          ),
        );
        const seqs = replies.map(({ askedSeq }) => askedSeq);
        expect(new Set(seqs).size).toBe(20);
        for (const { askedSeq, sentMs } of replies)
          expect(askedSeq / 1024 - sentMs).toBeGreaterThanOrEqual(0);
        expect(Math.max(...seqs) / 1024 - a.nowMs()).toBeLessThan(1000);
      });

      test('is later than all that the replica has seen', async () => {
        const { name, a } = await openKey();
        const floorSeq = Math.floor(a.nowMs() + 3000) * 1024;
        const { partition, askedSeq } = await go(a, name, { floorSeq });
        const { readSeq } = await land(a, name, partition, { floorSeq: floorSeq + 7 });
        const next = await land(a, name, partition, { subject: 'next' });
        expect([askedSeq, readSeq, next.readSeq].map((seq) => seq - floorSeq)).toEqual([1, 8, 9]);
      });

      test('does not follow a replica whose clock is more than five seconds ahead', async () => {
        const { name, a } = await openKey();
        const floorSeq = Math.floor(a.nowMs() + 6000) * 1024;
        const { askedSeq } = await go(a, name, { floorSeq });
        expect(askedSeq).toBeLessThan(floorSeq);
      });
    });

    describe.concurrent('the ledger', () => {
      test('stops who would ask once it is full, until the oldest request leaves it', async () => {
        const { fleet, name, a, b } = await openKey();
        const own = (group: string) => ({ claim: { ...CLAIM, group }, limit: 2, windowMs: 3000 });
        const { partition, sentMs } = await go(a, name, own('g1'));
        await go(b, name, own('g2'));

        expect(await ask(a, name, own('g3'))).toEqual({ kind: 'spent', untilMs: sentMs + 3000 });

        const next = await untilReply(fleet, a, name, { ...own('g3'), partition }, 'go');
        expect(next.sentMs).toBeGreaterThanOrEqual(sentMs + 3000);
      });

      test('lets wait for what is under way even if it is full', async () => {
        const { name, a, b } = await openKey();
        const { partition } = await go(a, name, { limit: 1 });
        expect(await ask(b, name, { partition, limit: 1 })).toMatchObject({ kind: 'wait' });
      });
    });

    describe.concurrent('failures', () => {
      test('are the answer for those who waited, and for nobody else', async () => {
        const { name, a, b } = await openKey();
        const { partition, sentMs } = await go(a, name, { request: 'r1' });
        await a.fail(name, failure(partition, { sent: { request: 'r1', atMs: sentMs }, error: 'sealed' }));

        const part = { ...CLAIM, start: 3 };
        expect(await ask(b, name, { partition, waitingSinceMs: sentMs, claim: part })).toEqual({
          kind: 'failed',
          error: 'sealed',
        });
        expect(await ask(b, name, { partition, waitingSinceMs: b.nowMs() + 1000 })).toMatchObject({
          kind: 'go',
        });
        expect(await ask(b, name, { partition, waitingSinceMs: sentMs })).toMatchObject({ kind: 'wait' });
      });

      test('are forgotten after three seconds', async () => {
        const { fleet, name, a, b } = await openKey();
        const { partition, sentMs } = await go(a, name, { request: 'r1' });
        await a.fail(name, failure(partition, { sent: { request: 'r1', atMs: sentMs }, error: 'sealed' }));
        const next = await untilReply(fleet, b, name, { partition, waitingSinceMs: sentMs }, 'go');
        expect(next.sentMs).toBeGreaterThanOrEqual(sentMs + 3000);
      });

      test('leave nothing where the request was given up', async () => {
        const { name, a, b } = await openKey();
        const { partition, sentMs } = await go(a, name, { request: 'r1' });
        await a.fail(name, failure(partition, { sent: { request: 'r1', atMs: sentMs }, error: null }));
        expect(await ask(b, name, { partition, waitingSinceMs: sentMs })).toMatchObject({ kind: 'go' });
      });

      test('do not free the claim of another request', async () => {
        const { name, a, b } = await openKey();
        const { partition } = await go(a, name, { request: 'r1' });
        await a.fail(name, failure(partition, { sent: { request: 'r0', atMs: 0 } }));
        expect(await ask(b, name, { partition })).toMatchObject({ kind: 'wait' });
      });

      test('with a 429 hold the key for everybody, until the latest time that any of them named', async () => {
        const { name, a, b } = await openKey();
        const { partition } = await go(a, name, { request: 'r1' });
        const untilMs = Math.floor(a.nowMs()) + 5000;
        await a.fail(name, failure(partition, { meaning: { kind: 'held', untilMs } }));
        await a.fail(name, failure(partition, { meaning: { kind: 'held', untilMs: untilMs - 1000 } }));

        expect(await ask(b, name, { partition })).toEqual({ kind: 'held', untilMs });
        expect(await b.pull(name, NOBODY)).toMatchObject({ heldUntilMs: untilMs });
      });

      test('with a 429 hold the key no longer than they say', async () => {
        const { fleet, name, a, b } = await openKey();
        const untilMs = Math.floor(a.nowMs()) + 200;
        await a.fail(name, failure('p', { meaning: { kind: 'held', untilMs } }));
        const { sentMs } = await untilReply(fleet, b, name, { partition: 'p' }, 'go');
        expect(sentMs).toBeGreaterThanOrEqual(untilMs);
        expect(await b.pull(name, NOBODY)).toMatchObject({ heldUntilMs: null });
      });
    });

    describe.concurrent('a refused key', () => {
      test('moves to another partition, for everybody at once', async () => {
        const { name, a, b } = await openKey();
        const { partition } = await go(a, name, { request: 'r1', newPartition: 'old' });
        await land(b, name, partition, { subject: 's' });
        const untilMs = await refuse(a, name, 'old', 'new');

        expect(await ask(b, name, { partition: 'old' })).toEqual({ kind: 'moved', partition: 'new' });
        expect(await b.land(name, landing('old', {}))).toEqual({ kind: 'moved', partition: 'new' });
        expect(await a.renew(name, renewal('old', 'r1'))).toBe('lost');
        const refused = { error: 'sealed', untilMs };
        expect(await ask(b, name, { partition: 'new' })).toEqual({ kind: 'refused', ...refused });
        expect(await ask(b, name)).toEqual({ kind: 'refused', ...refused });
        expect(await b.pull(name, { partition: 'old', headSeq: 0 })).toMatchObject({
          partition: 'new',
          headSeq: 0,
          gapSeq: 0,
          readings: [],
          refused,
        });
      });

      test('moves once, however many of its requests are refused, and tells of that once', async () => {
        const { fleet, name, a, b } = await openKey();
        const untilMs = await refuse(a, name, 'old', 'new');
        const bells = await listen(a, name);
        await refuse(b, name, 'old', 'newer');
        await land(b, name, 'new', {});
        await untilBells(fleet, bells, 1);
        expect(bells.map(({ kind }) => kind)).toEqual(['landed']);
        expect(await b.pull(name, NOBODY)).toMatchObject({ partition: 'new', refused: { untilMs } });
      });

      test('may be asked for again once its time is over', async () => {
        const { fleet, name, a, b } = await openKey();
        const untilMs = await refuse(a, name, 'old', 'new', 200);
        const { partition, sentMs } = await untilReply(fleet, b, name, { partition: 'new' }, 'go');
        expect(partition).toBe('new');
        expect(sentMs).toBeGreaterThanOrEqual(untilMs);
        expect(await b.pull(name, NOBODY)).toMatchObject({ refused: null });
      });
    });

    test('answers with the first of its reasons that applies', async () => {
      const { name, a, b } = await openKey();
      const { partition } = await go(a, name, { claim: { ...CLAIM, group: 'x' } });
      const limited = { limit: 1, waitingSinceMs: 0 };
      const kinds: string[] = [];
      const note = async (overrides: Partial<Question>) =>
        kinds.push((await ask(b, name, { partition, ...limited, ...overrides })).kind);

      await note({});
      await go(a, name, { request: 'r1' });
      await a.fail(name, failure(partition, { sent: { request: 'r1', atMs: 0 } }));
      await note({});
      await go(a, name);
      await note({});
      await land(a, name, partition, {});
      await note({});
      const held = { kind: 'held', untilMs: a.nowMs() + 60_000 } as const;
      await a.fail(name, failure(partition, { meaning: held }));
      await note({});
      await refuse(a, name, partition, 'new');
      await note({ partition: 'new' });
      await note({});
      await note({ expiresMs: 0 });

      expect(kinds).toEqual(['spent', 'failed', 'wait', 'behind', 'held', 'refused', 'moved', 'expired']);
    });

    describe.concurrent('healing', () => {
      test('adds what the server does not know, once', async () => {
        const { name, a, b } = await openKey();
        const nowMs = Math.floor(a.nowMs());
        const sent = [
          { request: 'r1', atMs: nowMs - 2000 },
          { request: 'r2', atMs: nowMs - 1000 },
        ];
        const knowledge = { ...nothingMore('p'), sent, heldUntilMs: nowMs + 9000 };

        await a.heal(name, knowledge);
        await b.heal(name, { ...knowledge, partition: 'other', heldUntilMs: null });
        await b.heal(name, { ...knowledge, partition: null, heldUntilMs: nowMs + 8000 });

        expect(await a.pull(name, NOBODY)).toMatchObject({
          partition: 'p',
          sent,
          heldUntilMs: nowMs + 9000,
        });
      });

      test('leaves out requests that the window has left', async () => {
        const { name, a } = await openKey();
        const sent = [{ request: 'r1', atMs: a.nowMs() - WINDOW_MS - 1000 }];
        await a.heal(name, { ...nothingMore(null), sent });
        expect(await a.pull(name, NOBODY)).toMatchObject({ partition: null, sent: [] });
      });

      test('counts what it adds', async () => {
        const { name, a } = await openKey();
        const sent = [{ request: 'r1', atMs: a.nowMs() - 100 }];
        await a.heal(name, { ...nothingMore('p'), sent });
        expect(await ask(a, name, { limit: 1 })).toMatchObject({ kind: 'spent' });
      });

      test('adds many requests at once', async () => {
        const { name, a } = await openKey();
        const atMs = Math.floor(a.nowMs()) - 1000;
        const sent = Array.from({ length: 2000 }, (_, index) => ({ request: `r${10_000 + index}`, atMs }));
        await a.heal(name, { ...nothingMore('p'), sent });
        expect((await a.pull(name, NOBODY)).sent).toEqual(sent);
      });
    });

    describe.concurrent('bells', () => {
      test('tell what other replicas do, in their order', async () => {
        const { fleet, name, a, b } = await openKey();
        const bells = await listen(b, name);
        const { partition, askedSeq, sentMs } = await go(a, name, { request: 'r1' });
        const sent = { request: 'r1', atMs: sentMs };
        const untilMs = Math.floor(a.nowMs()) + 5000;

        const { readSeq, readMs } = await land(a, name, partition, { askedSeq, sent });
        const error = 'sealed';
        await a.fail(name, failure(partition, { sent, error: null, subject: 's2' }));
        await a.fail(name, failure(partition, { sent, error, subject: 's3' }));
        await a.fail(name, failure(partition, { sent, meaning: { kind: 'held', untilMs } }));
        const refused = { kind: 'refused', untilMs, newPartition: 'new' } as const;
        await a.fail(name, failure(partition, { sent, error, meaning: refused }));

        await untilBells(fleet, bells, 5);
        const reading = { readSeq, readMs, askedSeq, subject: 's', sealed: 'x', sent };
        expect(bells).toEqual([
          { kind: 'landed', partition, previousSeq: 0, readSeq, reading, sent },
          { kind: 'failed', partition, claim: CLAIM, subject: 's2', error: null, sent },
          { kind: 'failed', partition, claim: CLAIM, subject: 's3', error, sent },
          { kind: 'held', untilMs, sent },
          { kind: 'refused', partition: 'new', error, untilMs, sent },
        ]);
      });

      test('chain, so that one that was missed is noticed', async () => {
        const { fleet, name, a, b } = await openKey();
        const bells = await listen(b, name);
        const { readSeq } = await land(a, name, 'p', { subject: 's1' });
        await land(a, name, 'p', { subject: 's2' });
        await untilBells(fleet, bells, 2);
        expect(bells[1]).toMatchObject({ previousSeq: readSeq });
      });

      test('tell of an answer that came too late, so that nobody waits for it', async () => {
        const { fleet, name, a, b } = await openKey();
        const { partition } = await go(a, name, { request: 'r1' });
        const bells = await listen(b, name);
        const sent = { request: 'r1', atMs: 1 };
        await a.land(name, landing(partition, { sent, expiresMs: a.nowMs() - 1000 }));
        await untilBells(fleet, bells, 1);
        expect(bells).toEqual([{ kind: 'failed', partition, claim: CLAIM, subject: 's', error: null, sent }]);
      });

      test('do not tell a replica what it did itself, nor of other keys, nor what it does not follow any more', async () => {
        const { fleet, name, a, b } = await openKey();
        const [own, others, ended] = [await listen(a, name), await listen(b, name), [] as Bell[]];
        (await b.follow(name, (bell) => ended.push(bell)))();
        await land(a, uniqueName('key'), 'p', {});
        await land(a, name, 'p', { subject: 's1' });
        await land(b, name, 'p', { subject: 's2' });

        await Promise.all([untilBells(fleet, own, 1), untilBells(fleet, others, 1)]);
        expect([own, others, ended].map((bells) => bells.map(subjectOf))).toEqual([['s2'], ['s1'], []]);
      });

      test.for<[string, string | null]>([
        ['too large to be rung', 'x'.repeat(64 * 1024 + 1)],
        ['not shared', null],
      ])('leave out a reading that is %s', async ([, sealed]) => {
        const { fleet, name, a, b } = await openKey();
        const bells = await listen(b, name);
        await land(a, name, 'p', { sealed });
        await untilBells(fleet, bells, 1);
        expect(bells).toMatchObject([{ kind: 'landed', reading: null }]);
      });
    });
  });

  async function listen(link: FleetLink, name: string): Promise<Bell[]> {
    const bells: Bell[] = [];
    await link.follow(name, (bell) => bells.push(bell));
    return bells;
  }
}

/** A question that nothing speaks against, but for what is given. */
export function question(overrides: Partial<Question> = {}): Question {
  return {
    ...NOBODY,
    claim: CLAIM,
    sinceSeq: 0,
    floorSeq: 0,
    request: uniqueName('request'),
    newPartition: 'p',
    limit: 50,
    windowMs: WINDOW_MS,
    waitingSinceMs: null,
    expiresMs: LATER,
    ...overrides,
  };
}

/** The landing of a small reading. */
export function landing(partition: string, overrides: Partial<Landing> = {}): Landing {
  return {
    partition,
    claim: CLAIM,
    subject: 's',
    askedSeq: 1,
    sealed: 'x',
    floorSeq: 0,
    sent: { request: uniqueName('request'), atMs: 1 },
    expiresMs: LATER,
    ...overrides,
  };
}

/** A name that no other test has. */
export function uniqueName(word: string): string {
  return `${word}-${crypto.randomUUID()}`;
}

/** What a replica knows whose key has this partition, and of which it knows nothing else. */
export function nothingMore(partition: string | null): Knowledge {
  return { partition, sent: [], windowMs: WINDOW_MS, heldUntilMs: null, headSeq: 0, keptSeq: null };
}

function failure(partition: string, overrides: Partial<Failure> = {}): Failure {
  return {
    partition,
    claim: CLAIM,
    sent: { request: uniqueName('request'), atMs: 1 },
    error: 'sealed',
    subject: 's',
    meaning: { kind: 'none' },
    ...overrides,
  };
}

function renewal(partition: string, request: string): Renewal {
  return { partition, claim: CLAIM, request, retry: null };
}

function ask(link: FleetLink, name: string, overrides: Partial<Question> = {}): Promise<Reply> {
  return link.ask(name, question(overrides));
}

async function go(link: FleetLink, name: string, overrides: Partial<Question> = {}): Promise<Go> {
  const reply = await ask(link, name, overrides);
  if (reply.kind !== 'go') throw new Error(`The reply is “${reply.kind}”, not “go”.`);
  return reply;
}

async function land(
  link: FleetLink,
  name: string,
  partition: string,
  overrides: Partial<Landing>,
): Promise<Extract<Landed, { kind: 'landed' }>> {
  const landed = await link.land(name, landing(partition, overrides));
  if (landed.kind !== 'landed') throw new Error(`The reading is “${landed.kind}”, not “landed”.`);
  return landed;
}

/** Refuses the key, and returns until when. */
async function refuse(link: FleetLink, name: string, partition: string, newPartition: string, ms = 9000) {
  const untilMs = Math.floor(link.nowMs()) + ms;
  await link.fail(name, failure(partition, { meaning: { kind: 'refused', untilMs, newPartition } }));
  return untilMs;
}

/** Asks again and again until the reply is of a kind. */
async function untilReply<Kind extends Reply['kind']>(
  fleet: TestFleet,
  link: FleetLink,
  name: string,
  overrides: Partial<Question>,
  kind: Kind,
): Promise<Extract<Reply, { kind: Kind }>> {
  for (;;) {
    const reply = await ask(link, name, overrides);
    if (reply.kind === kind) return reply as Extract<Reply, { kind: Kind }>;
    await fleet.pass(20);
  }
}

async function untilBells(fleet: TestFleet, bells: readonly Bell[], count: number): Promise<void> {
  while (bells.length < count) await fleet.pass(5);
}

function subjects(readings: readonly Reading[]): string[] {
  return readings.map(({ subject }) => subject);
}

function subjectOf(bell: Bell): string | undefined {
  return bell.kind === 'landed' ? bell.reading?.subject : undefined;
}
