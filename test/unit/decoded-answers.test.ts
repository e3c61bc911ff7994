import { describe, expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { DecodedAnswers, MAX_REMEMBERED_BYTES } from '../../src/upstream/decoded-answers.ts';

interface Asked {
  readonly key?: ApiKey;
  readonly path?: string;
  readonly status?: number;
}

const alice = new ApiKey('alice-key');
const bob = new ApiKey('bob-key');

/** Answers that hold one text each, and the texts that were decoded. */
function openAnswers() {
  const answers = new DecodedAnswers();
  const texts: string[] = [];
  const decode = (text: string, { key = alice, path = '/jobs/a:1', status = 200 }: Asked = {}) => {
    const asked = { key, path, answer: { status, retryAfter: undefined, bytes: Buffer.from(text) } };
    const known = answers.recall<{ readonly text: string }>(asked);
    if (known !== null) return known;
    texts.push(text);
    return answers.remember(asked, { text }, (decoded, former) =>
      decoded.text.toLowerCase() === former.text ? former : decoded,
    );
  };
  return { answers, decode, texts };
}

describe('an answer', () => {
  test('with the bytes of the last one to the same request is the same object, and is not decoded', () => {
    const { decode, texts } = openAnswers();
    const first = decode('one');
    expect([decode('one') === first, decode('one') === first, texts]).toEqual([true, true, ['one']]);
  });

  test('with other bytes is decoded', () => {
    const { decode, texts } = openAnswers();
    const first = decode('one');
    expect([decode('two'), decode('one') === first, texts]).toEqual([
      { text: 'two' },
      false,
      ['one', 'two', 'one'],
    ]);
  });

  test('with other bytes is what is made of it and the one before', () => {
    const { decode, texts } = openAnswers();
    const first = decode('one');
    expect([decode('ONE') === first, decode('ONE') === first, texts]).toEqual([true, true, ['one', 'ONE']]);
  });

  test.each<[what: string, asked: Asked]>([
    ['to another key', { key: bob }],
    ['about something else', { path: '/jobs/a:2' }],
    ['with another status', { status: 201 }],
  ])('%s is decoded by itself', (_, asked) => {
    const { decode, texts } = openAnswers();
    const first = decode('one');
    expect([decode('one', asked) === first, texts]).toEqual([false, ['one', 'one']]);
  });
});

describe('the memory of answers', () => {
  test('is bounded: those used last stay', () => {
    const { answers, decode, texts } = openAnswers();
    const large = 'x'.repeat(MAX_REMEMBERED_BYTES / 4 / 4);
    const last = decode('last');
    for (let count = 1; count <= 10; count += 1) {
      decode(large, { path: `/jobs/b:${count}` });
      decode('last');
    }
    expect(answers.bytes).toBeLessThanOrEqual(MAX_REMEMBERED_BYTES);
    expect(decode('last')).toBe(last);
    decode(large, { path: '/jobs/b:1' });
    expect(texts.map((text) => text.length)).toEqual([4, ...Array(11).fill(large.length)]);
  });

  test('holds no answer that is larger than all of it', () => {
    const { answers, decode } = openAnswers();
    decode('x'.repeat(MAX_REMEMBERED_BYTES));
    expect(answers.bytes).toBe(0);
  });
});
