import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { executableSchema } from '../../src/graphql/executable-schema.ts';
import { AnswerRoom } from '../../src/graphql/plan/answer-room.ts';
import { JobTexts, type TextsOfSelection } from '../../src/graphql/plan/job-texts.ts';
import { planOperation } from '../../src/graphql/plan/operation-plan.ts';
import { PlanRoom } from '../../src/graphql/plan/plan-room.ts';

/** A document whose fragments multiply: of so many levels, each of which spreads the next one so many times. */
function multiplying(levels: number, width: number): string {
  const fragments = Array.from({ length: levels }, (_, level) => {
    const fields = Array.from({ length: width }, (__, index) => `a${index}: batchJob { ...F${level + 1} }`);
    return `fragment F${level} on Job { ${fields.join(' ')} }`;
  });
  return `{ nodes(ids: []) { ...F0 } } ${fragments.join(' ')} fragment F${levels} on Job { qrn }`;
}

/** Plans a document with the room that it has, and gives what tells whether there are plans for these variables. */
function plan(text: string) {
  const document = parse(text);
  const room = new PlanRoom(document.tokenCount ?? 0);
  const operation = planOperation(
    { schema: executableSchema, document, jobTexts: new JobTexts(1000), room },
    null,
  );
  return (variables = {}) => operation !== null && operation.prepare(variables) !== null;
}

describe('a plan', () => {
  test('is not made of fragments that multiply', () => {
    // Written out, this would be more fields than there are atoms on Earth.
    expect(plan(multiplying(100, 6))()).toBe(false);
    expect(plan(multiplying(10, 2))()).toBe(false);
  });

  test('is made of fragments that are spread a few times', () => {
    const fields = 'fragment Fields on Job { qrn name status shots cost tags createdAt deviceQrn }';
    const spreads = Array.from(
      { length: 10 },
      (_, index) => `a${index}: job(qrn: "a:${index}") { ...Fields }`,
    );
    expect(plan(`{ ${spreads.join(' ')} } ${fields}`)()).toBe(true);
    expect(plan(multiplying(3, 2))()).toBe(true);
  });

  test('is made for each choice of what to leave out, until these together are too many', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const declared = names.map((name) => `$${name}: Boolean!`).join(', ');
    const fields = names.map((name) => `${name}: __typename @skip(if: $${name})`).join(' ');
    const others = Array.from({ length: 40 }, (_, index) => `x${index}: __typename`).join(' ');
    const has = plan(`query (${declared}) { ${fields} ${others} }`);
    const choices = Array.from({ length: 64 }, (_, choice) =>
      has(Object.fromEntries(names.map((name, bit) => [name, Boolean(choice & (1 << bit))]))),
    );
    expect([choices[0], choices[1], choices.at(-1)]).toEqual([true, true, false]);
  });
});

test('what is written of jobs is forgotten for all selections once it is too much', () => {
  const texts = new JobTexts(100);
  const [first, second] = [texts.open(), texts.open()];
  const job = {} as never;
  let written = 0;
  const show = (selection: TextsOfSelection) => {
    if (selection.find(job) !== null) return;
    written += 1;
    selection.keep(job, 'x'.repeat(60));
  };
  for (let time = 0; time < 2; time += 1) show(first);
  expect(written).toBe(1);
  show(second);
  expect(written).toBe(2);
  show(first);
  expect(written).toBe(3);
});

test('nothing more is written once an answer is too large', () => {
  const room = new AnswerRoom(100);
  let written = 0;
  const write = () => {
    room.assertLeft();
    written += 1;
    return room.take('x'.repeat(60));
  };
  expect(write()).toHaveLength(60);
  for (let time = 0; time < 5; time += 1) expect(write).toThrow('The answer is too large.');
  expect(written).toBe(2);
  expect(() => room.take('x')).toThrow('The answer is too large.');
});

test('an answer may be as large as it may be', () => {
  const room = new AnswerRoom(100);
  room.take('x'.repeat(40));
  expect(room.take('x'.repeat(60))).toHaveLength(60);
});
