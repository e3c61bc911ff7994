import { describe, expect, test } from 'vitest';
import { DecodedAnswers, MAX_REMEMBERED_BYTES } from '../../src/upstream/decoded-answers.ts';

interface Text {
  readonly text: string;
}

/** Answers that hold one text each, and the texts that were decoded. */
function openAnswers() {
  const answers = new DecodedAnswers();
  const texts: string[] = [];
  const decode = (text: string, former: Text | null = null, status = 200): Text => {
    const answer = { status, retryAfter: undefined, bytes: Buffer.from(text) };
    const known = answers.recall(answer, former);
    if (known !== null) return known;
    texts.push(text);
    return answers.remember(answer, { text }, former, (decoded, before) =>
      decoded.text.toLowerCase() === before.text ? before : decoded,
    );
  };
  return { answers, decode, texts };
}

describe('an answer', () => {
  test('with the bytes of the one before is the same object, and is not decoded', () => {
    const { decode, texts } = openAnswers();
    const first = decode('one');
    expect([decode('one', first) === first, decode('one', first) === first, texts]).toEqual([
      true,
      true,
      ['one'],
    ]);
  });

  test('with other bytes is decoded', () => {
    const { decode, texts } = openAnswers();
    const first = decode('one');
    const second = decode('two', first);
    expect([second, decode('one', second) === first, texts]).toEqual([
      { text: 'two' },
      false,
      ['one', 'two', 'one'],
    ]);
  });

  test('with other bytes is what is made of it and the one before', () => {
    const { decode, texts } = openAnswers();
    const first = decode('one');
    expect([decode('ONE', first) === first, decode('ONE', first) === first, texts]).toEqual([
      true,
      true,
      ['one', 'ONE'],
    ]);
  });

  test('to one who has not got the one before is decoded', () => {
    const { decode, texts } = openAnswers();
    const first = decode('one');
    expect([decode('one') === first, texts]).toEqual([false, ['one', 'one']]);
  });

  test('after one that was made otherwise is decoded', () => {
    const { decode, texts } = openAnswers();
    decode('one');
    expect([decode('one', { text: 'one' }), texts]).toEqual([{ text: 'one' }, ['one', 'one']]);
  });

  test('with another status is decoded by itself', () => {
    const { decode, texts } = openAnswers();
    const first = decode('one');
    expect([decode('one', first, 201) === first, texts]).toEqual([false, ['one', 'one']]);
  });
});

describe('the memory of answers', () => {
  const large = 'x'.repeat(MAX_REMEMBERED_BYTES / 4);

  test('is bounded: those used last stay', () => {
    const { answers, decode, texts } = openAnswers();
    const last = decode('last');
    const [first] = Array.from({ length: 10 }, () => {
      const each = decode(large);
      decode('last', last);
      return each;
    });
    expect(answers.bytes).toBeLessThanOrEqual(MAX_REMEMBERED_BYTES);
    decode('last', last);
    decode(large, first);
    expect(texts.map((text) => text.length)).toEqual([4, ...Array(11).fill(large.length)]);
  });

  test('holds no answer that is larger than all of it', () => {
    const { answers, decode } = openAnswers();
    decode('x'.repeat(MAX_REMEMBERED_BYTES));
    expect(answers.bytes).toBe(0);
  });

  test('forgets what another answer has come for', () => {
    const { answers, decode } = openAnswers();
    decode('two', decode(large));
    expect(answers.bytes).toBeLessThan(large.length);
  });
});
