import { expect, test } from 'vitest';
import { DecodedAnswers } from '../../src/upstream/decoded-answers.ts';

interface Text {
  readonly text: string;
}

/** Answers that hold one text each, and the texts that were decoded. */
function openAnswers() {
  const answers = new DecodedAnswers();
  const texts: string[] = [];
  const read = (text: string, former: Text | null = null, status = 200): Text => {
    const decode = () => {
      texts.push(text);
      return { text };
    };
    const reuse = (decoded: Text, before: Text) =>
      decoded.text.toLowerCase() === before.text ? before : decoded;
    return answers.read({ status, retryAfter: undefined, bytes: Buffer.from(text) }, former, decode, reuse);
  };
  return { read, texts };
}

test('an answer with the bytes of the one before is the same object, and is not decoded', () => {
  const { read, texts } = openAnswers();
  const first = read('one');
  expect([read('one', first), read('one', first)].map((text) => text === first)).toEqual([true, true]);
  expect(texts).toEqual(['one']);
});

test('an answer with other bytes is decoded', () => {
  const { read, texts } = openAnswers();
  const first = read('one');
  const second = read('two', first);
  expect([second, read('one', second) === first]).toEqual([{ text: 'two' }, false]);
  expect(texts).toEqual(['one', 'two', 'one']);
});

test('an answer with other bytes is what is made of it and the one before', () => {
  const { read, texts } = openAnswers();
  const first = read('one');
  expect([read('ONE', first), read('ONE', first)].map((text) => text === first)).toEqual([true, true]);
  expect(texts).toEqual(['one', 'ONE']);
});

test.each<[whose: string, former: Text | null]>([
  ['nobody has the one before', null],
  ['the one before was made otherwise', { text: 'one' }],
])('an answer is decoded where %s', (_, former) => {
  const { read, texts } = openAnswers();
  read('one');
  expect([read('one', former), texts]).toEqual([{ text: 'one' }, ['one', 'one']]);
});

test('an answer with another status is decoded by itself', () => {
  const { read, texts } = openAnswers();
  const first = read('one');
  expect([read('one', first, 201) === first, texts]).toEqual([false, ['one', 'one']]);
});
