import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Abandoning } from '../../src/lib/abandonment.ts';
import { ConflatingStream } from '../../src/live/conflating-stream.ts';

/** A stream that notes what becomes of it. */
function createStream() {
  const hooks: string[] = [];
  const until = new Abandoning();
  const stream = new ConflatingStream<string>({
    onOpen: () => void hooks.push('open'),
    onClose: () => void hooks.push('close'),
    until,
  });
  return { stream, hooks, until };
}

const VALUE = (value: string) => ({ done: false, value });
const DONE = { done: true, value: undefined };

describe('a stream', () => {
  test('gives a value to the reader that waits for it', async () => {
    const { stream } = createStream();
    const next = stream.next();
    stream.push('a', 'a1');
    expect(await next).toEqual(VALUE('a1'));
  });

  test('serves readers that wait together in their order', async () => {
    const { stream } = createStream();
    const nexts = Promise.all([stream.next(), stream.next(), stream.next(), stream.next()]);
    stream.push('a', 'a1');
    stream.push('a', 'a2');
    stream.end();
    expect(await nexts).toEqual([VALUE('a1'), VALUE('a2'), DONE, DONE]);
  });

  test('gives what waits after its end, and then nothing more', async () => {
    const { stream } = createStream();
    stream.push('a', 'a1');
    stream.end();
    stream.push('a', 'a2');
    expect([await stream.next(), await stream.next(), await stream.next()]).toEqual([
      VALUE('a1'),
      DONE,
      DONE,
    ]);
  });

  test('drops of what waits only what it is told to, and names it', async () => {
    const { stream } = createStream();
    stream.push('a', 'a1');
    stream.push('b', 'b1');
    const dropped = stream.drop((value) => value === 'a1');
    stream.end();
    expect([dropped, await stream.next(), await stream.next()]).toEqual([['a'], VALUE('b1'), DONE]);
  });

  test('lets its reader leave at once, though a value is waited for', async () => {
    const { stream, hooks } = createStream();
    const next = stream.next();
    expect([await stream.return(), await next]).toEqual([DONE, DONE]);
    expect(hooks).toEqual(['open', 'close']);
  });

  test('gives nothing to a reader that has left', async () => {
    const { stream } = createStream();
    stream.push('a', 'a1');
    await stream.return();
    expect(await stream.next()).toEqual(DONE);
  });

  test('does not open for a reader that never reads', async () => {
    const { stream, hooks } = createStream();
    await stream.return();
    await stream.next();
    expect(hooks).toEqual([]);
  });

  test('opens and closes once', async () => {
    const { stream, hooks } = createStream();
    stream.next();
    stream.next();
    stream.end();
    stream.end();
    await stream.return();
    expect(hooks).toEqual(['open', 'close']);
  });
});

describe('whatever is put and read in whatever order', () => {
  const action = fc.oneof(
    fc.record({ kind: fc.constant('put' as const), name: fc.constantFrom('a', 'b', 'c') }),
    fc.constant({ kind: 'read' as const }),
  );

  test('the reader gets the last value of each name, each value once at most, and those of a name in order', () =>
    fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
        const { stream } = createStream();
        const reads: Promise<IteratorResult<string, undefined>>[] = [];
        const last = new Map<string, number>();
        for (const [index, step] of actions.entries()) {
          if (step.kind === 'read') reads.push(stream.next());
          else {
            last.set(step.name, index);
            stream.push(step.name, `${step.name} ${index}`);
          }
        }
        stream.end();
        for (let count = 0; count < 4; count += 1) reads.push(stream.next());
        const results = await Promise.all(reads);
        const got = results.flatMap(({ done, value }) => (done ? [] : [value]));
        for (const [name, index] of last) {
          const ofName = got.filter((value) => value.startsWith(name)).map((value) => Number(value.slice(2)));
          expect(ofName.at(-1)).toBe(index);
          expect(ofName).toEqual([...new Set(ofName)].sort((a, b) => a - b));
        }
        expect(results.at(-1)).toEqual(DONE);
      }),
    ));

  test('no more values wait than there are names', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 60 }), async (names) => {
        const { stream } = createStream();
        for (const name of names) stream.push(name, name);
        stream.end();
        const got: string[] = [];
        for await (const value of stream) got.push(value);
        expect(got.sort()).toEqual([...new Set(names)].sort());
      }),
    ));
});

describe('a stream that nobody may read any more', () => {
  test('ends for the reader that waits', async () => {
    const { stream, hooks, until } = createStream();
    const next = stream.next();
    until.abort(new Error('over'));
    expect([await next, hooks]).toEqual([DONE, ['open', 'close']]);
  });

  test('drops what waits', async () => {
    const { stream, until } = createStream();
    stream.push('a', 'a1');
    until.abort(new Error('over'));
    expect(await stream.next()).toEqual(DONE);
  });

  test('does not open', async () => {
    const { stream, hooks, until } = createStream();
    until.abort(new Error('over'));
    expect([await stream.next(), hooks]).toEqual([DONE, []]);
  });
});
