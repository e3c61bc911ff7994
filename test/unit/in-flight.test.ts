import { describe, expect, test } from 'vitest';
import { createInFlight } from '../../src/store/in-flight.ts';

interface Departure {
  readonly subject: number;
  readonly signal: AbortSignal;
  readonly land: (answer: string) => void;
  readonly crash: (error: Error) => void;
}

/** InFlight where an answer about a number serves whoever wants the same or a smaller one, and all that took off. */
function openAirport() {
  const inFlight = createInFlight<number, string>((underWay, wanted) => wanted <= underWay);
  const departures: Departure[] = [];
  const share = (
    wanted: number,
    { group = 'alice', signal }: { group?: string; signal?: AbortSignal } = {},
  ) =>
    inFlight.share(group, wanted, signal, (own) => {
      return new Promise<string>((resolve, reject) => {
        departures.push({ subject: wanted, signal: own, land: resolve, crash: reject });
      });
    });
  const at = (index: number): Departure => {
    const departure = departures[index];
    if (departure === undefined) throw new RangeError(`Only ${departures.length} inFlight took off.`);
    return departure;
  };
  return { inFlight, share, at, subjects: () => departures.map(({ subject }) => subject) };
}

test('all who want the same share one flight', async () => {
  const { share, at, subjects } = openAirport();
  const answers = Promise.all([share(1), share(1), share(1)]);
  at(0).land('one');
  expect([await answers, subjects()]).toEqual([['one', 'one', 'one'], [1]]);
});

test('who wants less joins, who wants more does not', async () => {
  const { share, at, subjects } = openAirport();
  const answers = Promise.all([share(2), share(1), share(3)]);
  at(0).land('two');
  at(1).land('three');
  expect([await answers, subjects()]).toEqual([
    ['two', 'two', 'three'],
    [2, 3],
  ]);
});

test('a flight is never shared between groups', async () => {
  const { share, at, subjects } = openAirport();
  const answers = Promise.all([share(1, { group: 'alice' }), share(1, { group: 'bob' })]);
  at(1).land('of bob');
  at(0).land('of alice');
  expect([await answers, subjects()]).toEqual([
    ['of alice', 'of bob'],
    [1, 1],
  ]);
});

test.each([
  ['landed', ({ land }: Departure) => land('done')],
  ['failed', ({ crash }: Departure) => crash(new Error('lost'))],
])('who comes after a flight has %s starts another', async (_, end) => {
  const { share, at, subjects } = openAirport();
  const first = share(1).catch(String);
  end(at(0));
  await first;
  const second = share(1);
  at(1).land('again');
  expect([await second, subjects()]).toEqual(['again', [1, 1]]);
});

test('a failure is everybody’s', async () => {
  const { share, at } = openAirport();
  const answers = Promise.allSettled([share(1), share(1, { signal: new AbortController().signal })]);
  const error = new Error('lost');
  at(0).crash(error);
  expect(await answers).toEqual([
    { status: 'rejected', reason: error },
    { status: 'rejected', reason: error },
  ]);
});

test('what stops a flight from taking off is the caller’s alone', async () => {
  const { inFlight, share, at } = openAirport();
  const refuse = () => {
    throw new RangeError('not you');
  };
  await expect(inFlight.share('alice', 1, undefined, refuse)).rejects.toThrow('not you');
  const answer = share(1);
  at(0).land('one');
  expect(await answer).toBe('one');
});

describe('leaving', () => {
  test('ends the wait of who leaves and of nobody else', async () => {
    const { share, at } = openAirport();
    const [leaver, stayer] = [new AbortController(), new AbortController()];
    const left = share(1, { signal: leaver.signal });
    const stayed = share(1, { signal: stayer.signal });
    leaver.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    expect(at(0).signal.aborted).toBe(false);
    at(0).land('one');
    expect(await stayed).toBe('one');
  });

  test('stops the flight where the last one leaves', async () => {
    const { share, at } = openAirport();
    const controllers = [new AbortController(), new AbortController()];
    const answers = controllers.map(({ signal }) => share(1, { signal }));
    for (const controller of controllers) controller.abort(new Error('gone'));
    expect(await Promise.allSettled(answers)).toMatchObject([
      { reason: { message: 'gone' } },
      { reason: { message: 'gone' } },
    ]);
    expect(at(0).signal.aborted).toBe(true);
  });

  test('never stops a flight with somebody on it who cannot leave', async () => {
    const { share, at } = openAirport();
    const leaver = new AbortController();
    const answers = Promise.allSettled([share(1), share(1, { signal: leaver.signal })]);
    leaver.abort(new Error('gone'));
    expect(at(0).signal.aborted).toBe(false);
    at(0).land('one');
    expect(await answers).toMatchObject([{ value: 'one' }, { reason: { message: 'gone' } }]);
  });

  test('makes room at once: who comes then starts a flight that the end of the old one does not touch', async () => {
    const { share, at, subjects } = openAirport();
    const leaver = new AbortController();
    const left = share(1, { signal: leaver.signal }).catch(String);
    leaver.abort(new Error('gone'));
    const answer = share(1);
    at(0).crash(new Error('given up'));
    await left;
    const joined = share(1);
    at(1).land('one');
    expect([await answer, await joined, subjects()]).toEqual(['one', 'one', [1, 1]]);
  });

  test('after the landing stops nothing', async () => {
    const { share, at } = openAirport();
    const leaver = new AbortController();
    const answer = share(1, { signal: leaver.signal });
    at(0).land('one');
    await answer;
    leaver.abort(new Error('gone'));
    expect(at(0).signal.aborted).toBe(false);
  });

  test('before asking asks for nothing', async () => {
    const { share, subjects } = openAirport();
    await expect(share(1, { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone');
    expect(subjects()).toEqual([]);
  });
});
