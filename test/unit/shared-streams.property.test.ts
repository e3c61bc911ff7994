import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { ApiKey, type Credential } from '../../src/auth/api-key.ts';
import { KeysFailedError } from '../../src/jobs/keys-failed-error.ts';
import type { ConflatingStream } from '../../src/live/conflating-stream.ts';
import { Pollers } from '../../src/live/pollers.ts';
import type { JobUpdate } from '../../src/live/watch-job.ts';
import { watchJobs } from '../../src/live/watch-jobs.ts';
import type { ReadOutcome } from '../../src/store/read-jobs.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { aReading, scriptedStore } from '../support/scripted-store.ts';

const TEAM = ['alice', 'bob', 'carol'].map(
  (label): Credential => ({ label, key: new ApiKey(`${label}-key`) }),
);
const QRNS = ['a:1', 'a:2'];
const LIMITS = { minIntervalMs: 2000, maxIntervalMs: 15_000 };
const MAX_STREAMS = 10;
const REFUSED = new UpstreamError('unauthenticated', 'Refused.');

const aMember = fc.constantFrom(...TEAM);
const aStream = fc.nat(MAX_STREAMS - 1);

/** What clients do. Those that read always take each update as it comes, and may leave instead. */
const anOpening = fc.record({
  does: fc.constant('open' as const),
  qrns: fc.constantFrom(QRNS, ['a:1'], ['a:2']),
  with: fc.constantFrom([0], [0, 1], [1, 0], [0, 1, 2]).map((team) => team.flatMap((i) => TEAM[i] ?? [])),
  readsAlways: fc.boolean(),
});
const aUse = fc.record({
  does: fc.constantFrom('read' as const, 'leave' as const, 'leave at the next' as const),
  stream: aStream,
});

/** What happens upstream: to a job, as one key sees it, and to a key. */
const aChange = fc.record({
  does: fc.constant('change' as const),
  member: aMember,
  qrns: fc.constantFrom(...QRNS.map((qrn) => [qrn])),
  to: fc.constantFrom<object | UpstreamError>(
    { status: 'RUNNING' },
    { status: 'QUEUED' },
    { status: 'RUNNING', updatedAt: '2026-01-15T00:00:05Z' },
    { status: 'QUEUED', updatedAt: '2026-01-15T00:00:03Z' },
    { status: 'COMPLETED' },
    { status: 'COMPLETED', cost: 1 },
    new UpstreamError('not-found', 'No such job.'),
    new UpstreamError('unavailable', 'Down.'),
  ),
});
const aRefusal = fc.record({
  does: fc.constant('change' as const),
  member: aMember,
  qrns: fc.constant(QRNS),
  to: fc.constant(REFUSED),
});
const aHang = fc.record({
  does: fc.constant('hang' as const),
  member: aMember,
  qrns: fc.constantFrom(QRNS, ...QRNS.map((qrn) => [qrn])),
});
const aSwitch = fc.record({
  does: fc.constantFrom('confirm' as const, 'hold' as const, 'prefer' as const),
  member: aMember,
});
const aPause = fc.record({
  does: fc.constant('pass' as const),
  ms: fc.constantFrom<number>(0, 500, 2000, 2000, 3100, 3600, 15_000, 61_000),
});

const aStep = fc.oneof(
  { weight: 5, arbitrary: anOpening },
  { weight: 12, arbitrary: aUse },
  { weight: 8, arbitrary: aChange },
  { weight: 1, arbitrary: aRefusal },
  { weight: 3, arbitrary: aHang },
  { weight: 5, arbitrary: aSwitch },
  { weight: 12, arbitrary: aPause },
);
type Step = typeof aStep extends fc.Arbitrary<infer Value> ? Value : never;

/** What a key gives, and how. */
class Member {
  readonly #given = new Map<string, { reading: ReadOutcome; fields: object | null }>();
  /** What is asked for together waits for each of these. */
  readonly #hanging = new Set<string>();
  readonly #waiting: (() => void)[] = [];
  isHeld = false;

  async read(qrns: readonly string[]): Promise<readonly ReadOutcome[]> {
    // What is read counts as of when it was asked for.
    const outcomes = qrns.map((qrn) => this.#given.get(qrn)?.reading ?? aReading(qrn, 0));
    while (qrns.some((qrn) => this.#hanging.has(qrn))) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return outcomes;
  }

  give(qrn: string, to: object | UpstreamError, atMs: number): void {
    const fields = to instanceof UpstreamError ? null : to;
    const reading = to instanceof UpstreamError ? to : aReading(qrn, atMs, to);
    this.#given.set(qrn, { reading, fields });
  }

  /** Gives the same as before, as of now. */
  confirm(atMs: number): void {
    for (const qrn of QRNS) {
      const fields = this.#given.has(qrn) ? this.#given.get(qrn)?.fields : {};
      if (fields != null) this.give(qrn, fields, atMs);
    }
  }

  /** Lets jobs hang that went on, and those go on that hung. */
  switchHanging(qrns: readonly string[]): void {
    for (const qrn of qrns) if (!this.#hanging.delete(qrn)) this.#hanging.add(qrn);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  goOn(): void {
    this.switchHanging([...this.#hanging]);
  }
}

/** A client of a stream, and what it has shown of each job. The order between jobs is no promise. */
class Client {
  readonly #shown: Record<string, string[]> = {};
  readonly #stream: ConflatingStream<JobUpdate>;
  leavesAtNext = false;

  constructor(stream: ConflatingStream<JobUpdate>, readsAlways: boolean) {
    this.#stream = stream;
    stream.listen(() => {
      if (stream.isClosed) return;
      if (this.leavesAtNext) this.leave();
      else if (readsAlways) while (this.read());
    });
  }

  read(): boolean {
    const update = this.#stream.take();
    if (update === null) return false;
    const name = nameOf(update);
    this.#shown[name] = [...(this.#shown[name] ?? []), toText(update)];
    return true;
  }

  leave(): void {
    void this.#stream.return();
  }

  end() {
    while (this.read());
    const { isClosed } = this.#stream;
    this.leave();
    return { shown: this.#shown, isClosed };
  }
}

/** The job that an update is of. The refusal of a key is of none. */
function nameOf(update: JobUpdate): string {
  if (update instanceof KeysFailedError) return update.facts.qrn ?? 'refusal';
  return update instanceof Error ? 'fault' : update.job.qrn;
}

function toText(update: JobUpdate): string {
  if (update instanceof Error) return update.message;
  const { job, keys, fetched } = update;
  return [job.qrn, job.status, job.cost, ...keys, 'read at', fetched.atMs].join(' ');
}

/** A process whose streams share their sets of jobs, or not. */
class World {
  readonly #clock = createFakeClock();
  readonly #members = new Map(TEAM.map(({ key }) => [key.fingerprint, new Member()]));
  readonly #clients: Client[] = [];
  readonly #pollers: Pollers;
  #likeliest = TEAM[0];
  #steps = 0;

  constructor(isSharing: boolean) {
    const store = scriptedStore((key, qrns) => this.#memberOf(key).read(qrns), {
      lastToSee: (credentials) => credentials.find((credential) => credential === this.#likeliest) ?? null,
      paceOf: (key) => ({ slowdown: 1, waitMs: this.#memberOf(key).isHeld ? 1 : 0 }),
    });
    this.#pollers = new Pollers({ store, clock: this.#clock, limits: LIMITS, random: () => 0.5 });
    if (!isSharing) vi.spyOn(this.#pollers.jobSets, 'set').mockReturnThis();
  }

  async take(step: Step): Promise<void> {
    this.#steps += 1;
    if ('ms' in step) this.#clock.advance(step.ms);
    else if ('with' in step) this.#open(step);
    else if ('stream' in step) this.#use(step);
    else this.#change(step);
    await setImmediate();
  }

  /** Lets all be read, and all leave. Gives what each client has shown, and what is left. */
  async end() {
    for (const member of this.#members.values()) member.goOn();
    for (let poll = 0; poll < 6; poll += 1) await this.take({ does: 'pass', ms: LIMITS.minIntervalMs });
    const shown = this.#clients.map((client) => client.end());
    await setImmediate();
    return { shown, left: [this.#pollers.jobSets.size, this.#pollers.size, this.#clock.pending] };
  }

  #memberOf({ fingerprint }: ApiKey): Member {
    return this.#members.get(fingerprint) ?? new Member();
  }

  #open({ qrns, with: credentials, readsAlways }: Extract<Step, { does: 'open' }>): void {
    if (this.#clients.length === MAX_STREAMS) return;
    const options = { pollers: this.#pollers, clock: this.#clock, client: '', credentials };
    this.#clients.push(new Client(watchJobs(qrns, options) as ConflatingStream<JobUpdate>, readsAlways));
  }

  #use({ does, stream }: Extract<Step, { stream: number }>): void {
    const client = this.#clients[stream];
    if (does === 'read') client?.read();
    else if (does === 'leave') client?.leave();
    else if (client !== undefined) client.leavesAtNext = true;
  }

  #change(step: Extract<Step, { member: Credential }>): void {
    const member = this.#memberOf(step.member.key);
    if (step.does === 'change') for (const qrn of step.qrns) member.give(qrn, step.to, this.#steps);
    else if (step.does === 'confirm') member.confirm(this.#steps);
    else if (step.does === 'hang') member.switchHanging(step.qrns);
    else if (step.does === 'hold') member.isHeld = !member.isHeld;
    else this.#likeliest = step.member;
  }
}

async function play(steps: readonly Step[], isSharing: boolean) {
  const world = new World(isSharing);
  for (const step of steps) await world.take(step);
  return world.end();
}

test('each of many streams shows what it would show by itself, and nothing is left of it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aStep, { minLength: 10, maxLength: 60 }), async (steps) => {
      const [shared, alone] = [await play(steps, true), await play(steps, false)];
      expect(shared).toEqual(alone);
      expect(shared.left).toEqual([0, 0, 0]);
    }),
    { numRuns: 500 },
  );
});
