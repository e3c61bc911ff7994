import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Mailbox } from '../../src/live/mailbox.ts';

/** A mailbox that notes what becomes of it. */
function createMailbox() {
  const hooks: string[] = [];
  const mailbox = new Mailbox<string>({
    onOpen: () => void hooks.push('open'),
    onClose: () => void hooks.push('close'),
  });
  return { mailbox, hooks };
}

const VALUE = (value: string) => ({ done: false, value });
const DONE = { done: true, value: undefined };

describe('a mailbox', () => {
  test('gives a value to the reader that waits for it', async () => {
    const { mailbox } = createMailbox();
    const next = mailbox.next();
    mailbox.put('a', 'a1');
    expect(await next).toEqual(VALUE('a1'));
  });

  test('serves readers that wait together in their order', async () => {
    const { mailbox } = createMailbox();
    const nexts = Promise.all([mailbox.next(), mailbox.next(), mailbox.next(), mailbox.next()]);
    mailbox.put('a', 'a1');
    mailbox.put('a', 'a2');
    mailbox.end();
    expect(await nexts).toEqual([VALUE('a1'), VALUE('a2'), DONE, DONE]);
  });

  test('gives what waits after its end, and then nothing more', async () => {
    const { mailbox } = createMailbox();
    mailbox.put('a', 'a1');
    mailbox.end();
    mailbox.put('a', 'a2');
    expect([await mailbox.next(), await mailbox.next(), await mailbox.next()]).toEqual([
      VALUE('a1'),
      DONE,
      DONE,
    ]);
  });

  test('lets its reader leave at once, though a value is waited for', async () => {
    const { mailbox, hooks } = createMailbox();
    const next = mailbox.next();
    expect([await mailbox.return(), await next]).toEqual([DONE, DONE]);
    expect(hooks).toEqual(['open', 'close']);
  });

  test('gives nothing to a reader that has left', async () => {
    const { mailbox } = createMailbox();
    mailbox.put('a', 'a1');
    await mailbox.return();
    expect(await mailbox.next()).toEqual(DONE);
  });

  test('does not open for a reader that never reads', async () => {
    const { mailbox, hooks } = createMailbox();
    await mailbox.return();
    await mailbox.next();
    expect(hooks).toEqual([]);
  });

  test('opens and closes once', async () => {
    const { mailbox, hooks } = createMailbox();
    mailbox.next();
    mailbox.next();
    mailbox.end();
    mailbox.end();
    await mailbox.return();
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
        const { mailbox } = createMailbox();
        const reads: Promise<IteratorResult<string, undefined>>[] = [];
        const last = new Map<string, number>();
        for (const [index, step] of actions.entries()) {
          if (step.kind === 'read') reads.push(mailbox.next());
          else {
            last.set(step.name, index);
            mailbox.put(step.name, `${step.name} ${index}`);
          }
        }
        mailbox.end();
        for (let count = 0; count < 4; count += 1) reads.push(mailbox.next());
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
        const { mailbox } = createMailbox();
        for (const name of names) mailbox.put(name, name);
        mailbox.end();
        const got: string[] = [];
        for await (const value of mailbox) got.push(value);
        expect(got.sort()).toEqual([...new Set(names)].sort());
      }),
    ));
});
