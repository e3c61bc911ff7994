import { describe, expect, test } from 'vitest';
import { type Seq, toSeq } from '../../src/jobs/seq.ts';
import type { Abandonment } from '../../src/lib/abandonment.ts';
import { InFlight } from '../../src/store/in-flight.ts';

interface Started {
  readonly subject: number;
  readonly signal: Abandonment;
  readonly sent: (askedSeq: Seq) => void;
  readonly land: (answer: string) => void;
  readonly fail: (error: Error) => void;
}

/** Requests where an answer about a number serves whoever wants the same or a smaller one, and all that were started. */
function openInFlight() {
  const inFlight = new InFlight<number, string>();
  const started: Started[] = [];
  const find = (wanted: number, group = 'alice') => inFlight.find(group, ({ subject }) => wanted <= subject);
  const start = (subject: number, group = 'alice') =>
    inFlight.start(group, subject, (run) => {
      return new Promise<string>((resolve, reject) => {
        const sent = (askedSeq: Seq) => run.sent(askedSeq);
        started.push({ subject, signal: run.signal, sent, land: resolve, fail: reject });
      });
    });
  const share = (
    wanted: number,
    { group = 'alice', signal }: { group?: string; signal?: AbortSignal } = {},
  ) => (find(wanted, group) ?? start(wanted, group)).join(signal);
  const at = (index: number): Started => {
    const request = started[index];
    if (request === undefined) throw new RangeError(`Only ${started.length} requests were started.`);
    return request;
  };
  return { find, start, share, at, subjects: () => started.map(({ subject }) => subject) };
}

test('all who want the same share one request', async () => {
  const { share, at, subjects } = openInFlight();
  const answers = Promise.all([share(1), share(1), share(1)]);
  at(0).land('one');
  expect([await answers, subjects()]).toEqual([['one', 'one', 'one'], [1]]);
});

test('who wants less joins, who wants more does not', async () => {
  const { share, at, subjects } = openInFlight();
  const answers = Promise.all([share(2), share(1), share(3)]);
  at(0).land('two');
  at(1).land('three');
  expect([await answers, subjects()]).toEqual([
    ['two', 'two', 'three'],
    [2, 3],
  ]);
});

test('a request is never found from another group', async () => {
  const { share, at, subjects } = openInFlight();
  const answers = Promise.all([share(1, { group: 'alice' }), share(1, { group: 'bob' })]);
  at(1).land('of bob');
  at(0).land('of alice');
  expect([await answers, subjects()]).toEqual([
    ['of alice', 'of bob'],
    [1, 1],
  ]);
});

test('a request says when it was sent, once it was', () => {
  const { start, find, at } = openInFlight();
  start(1).join(undefined);
  const before = find(1)?.askedSeq;
  at(0).sent(toSeq(7));
  expect([before, find(1)?.askedSeq]).toEqual([null, toSeq(7)]);
});

test.each([
  ['landed', ({ land }: Started) => land('done')],
  ['failed', ({ fail }: Started) => fail(new Error('lost'))],
])('who comes after a request has %s starts another', async (_, end) => {
  const { share, at, subjects } = openInFlight();
  const first = share(1).catch(String);
  end(at(0));
  await first;
  const second = share(1);
  at(1).land('again');
  expect([await second, subjects()]).toEqual(['again', [1, 1]]);
});

test('the end of one request leaves the others of its group', async () => {
  const { share, find, at } = openInFlight();
  const first = share(1);
  const second = share(2);
  at(0).land('one');
  await first;
  expect(find(1)?.subject).toBe(2);
  at(1).land('two');
  expect([await second, find(1)]).toEqual(['two', null]);
});

test('a failure is everybody’s', async () => {
  const { share, at } = openInFlight();
  const answers = Promise.allSettled([share(1), share(1, { signal: new AbortController().signal })]);
  const error = new Error('lost');
  at(0).fail(error);
  expect(await answers).toEqual([
    { status: 'rejected', reason: error },
    { status: 'rejected', reason: error },
  ]);
});

describe('leaving', () => {
  test('ends the wait of who leaves and of nobody else', async () => {
    const { share, at } = openInFlight();
    const [leaver, stayer] = [new AbortController(), new AbortController()];
    const left = share(1, { signal: leaver.signal });
    const stayed = share(1, { signal: stayer.signal });
    leaver.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    expect(at(0).signal.aborted).toBe(false);
    at(0).land('one');
    expect(await stayed).toBe('one');
  });

  test('aborts the request where the last one leaves', async () => {
    const { share, at } = openInFlight();
    const controllers = [new AbortController(), new AbortController()];
    const answers = controllers.map(({ signal }) => share(1, { signal }));
    for (const controller of controllers) controller.abort(new Error('gone'));
    expect(await Promise.allSettled(answers)).toMatchObject([
      { reason: { message: 'gone' } },
      { reason: { message: 'gone' } },
    ]);
    expect(at(0).signal.aborted).toBe(true);
  });

  test('never aborts a request that somebody waits for who cannot leave', async () => {
    const { share, at } = openInFlight();
    const leaver = new AbortController();
    const answers = Promise.allSettled([share(1), share(1, { signal: leaver.signal })]);
    leaver.abort(new Error('gone'));
    expect(at(0).signal.aborted).toBe(false);
    at(0).land('one');
    expect(await answers).toMatchObject([{ value: 'one' }, { reason: { message: 'gone' } }]);
  });

  test('makes room at once: the end of the aborted request does not touch the one started then', async () => {
    const { share, at, subjects } = openInFlight();
    const leaver = new AbortController();
    const left = share(1, { signal: leaver.signal }).catch(String);
    leaver.abort(new Error('gone'));
    const answer = share(1);
    at(0).fail(new Error('given up'));
    await left;
    const joined = share(1);
    at(1).land('one');
    expect([await answer, await joined, subjects()]).toEqual(['one', 'one', [1, 1]]);
  });

  test('after the answer aborts nothing', async () => {
    const { share, at } = openInFlight();
    const leaver = new AbortController();
    const answer = share(1, { signal: leaver.signal });
    at(0).land('one');
    await answer;
    leaver.abort(new Error('gone'));
    expect(at(0).signal.aborted).toBe(false);
  });
});
