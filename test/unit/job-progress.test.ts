import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { finality, hasComeFurther, isBehind, newerJob } from '../../src/jobs/job-progress.ts';
import { decodeJob } from '../../src/upstream/decode-job.ts';
import { type CancelStatus, JOB_STATUSES, type Job } from '../../src/upstream/job.ts';
import { aJob } from '../support/job-builder.ts';
import { stampAt } from '../support/stamp.ts';

type Fields = Readonly<Record<string, unknown>>;

function toJob(fields: Fields): Job {
  const decoded = decodeJob(aJob('a:1', fields));
  if (decoded === null) throw new Error('The fields make no job.');
  return decoded.job;
}

const [early, late] = ['2026-01-15T10:00:00Z', '2026-01-15T10:00:01Z'];
const running = { status: 'RUNNING' };
const queued = { status: 'QUEUED' };
const held = { status: 'HOLD' };
const failed = { status: 'FAILED', cost: 0 };
const unpaid = { status: 'COMPLETED', cost: null };
const done = { status: 'COMPLETED', cost: 3 };

test.each([
  ['a later state', queued, running, 'incoming', 'known'],
  ['the end', running, unpaid, 'incoming', 'incoming'],
  ['the end and its cost', running, done, 'incoming', 'incoming'],
  ['the cost that comes later', unpaid, done, 'incoming', 'incoming'],
  ['a state behind the end', unpaid, running, 'known', 'known'],
  ['a state behind the final cost', done, held, 'known', 'known'],
  ['the end without the cost that is known', done, unpaid, 'known', 'known'],
  ['another end', failed, done, 'incoming', 'known'],
  ['a job taken off hold', held, done, 'incoming', 'incoming'],
  ['an older change', { ...running, updatedAt: late }, { ...queued, updatedAt: early }, 'known', 'known'],
  [
    'a newer change',
    { ...queued, updatedAt: early },
    { ...running, updatedAt: late },
    'incoming',
    'incoming',
  ],
  ['the same change', { ...queued, updatedAt: late }, { ...queued, updatedAt: late }, 'incoming', 'known'],
  ['a change of which only one tells', { ...running, updatedAt: late }, queued, 'incoming', 'known'],
  [
    'an older change that is the end',
    { ...running, updatedAt: late },
    { ...done, updatedAt: early },
    'incoming',
    'incoming',
  ],
])('%s: of two readings stands the right one, and also if they overtook each other', (...row) => {
  const [, knownFields, incomingFields, ...expected] = row;
  const known = { job: toJob(knownFields), fetched: stampAt(1) };
  const incoming = { job: toJob(incomingFields), fetched: stampAt(2) };
  const name = (isOvertaken: boolean) =>
    newerJob(known, incoming, isOvertaken) === known ? 'known' : 'incoming';
  expect([name(false), name(true)]).toEqual(expected);
});

describe('finality', () => {
  test.each([
    ['RUNNING', null, 0],
    ['RUNNING', 3, 0],
    ['HOLD', 3, 0],
    ['UNKNOWN', null, 0],
    ['COMPLETED', null, 1],
    ['FAILED', null, 1],
    ['COMPLETED', 3, 2],
    ['FAILED', 0, 2],
    ['CANCELLED', 0, 2],
  ])('of %s with a cost of %s is %i', (status, cost, expected) => {
    expect(finality(toJob({ status, cost }))).toBe(expected);
  });
});

test('a job has not come as far as one that is cancelled while it is before that', () => {
  const behind = (cancelStatus: CancelStatus) =>
    JOB_STATUSES.filter((status) => isBehind(status, cancelStatus));
  const early = ['INITIALIZING', 'QUEUED', 'VALIDATING', 'RUNNING'];
  expect([behind('CANCELLING'), behind('CANCELLED')]).toEqual([early, [...early, 'CANCELLING']]);
});

describe('which of two keys has given what has come further', () => {
  const aJobOfAKey = fc.record({
    fields: fc.constantFrom<Fields>(running, queued, unpaid, done, held),
    updatedAt: fc.constantFrom<Fields>({}, { updatedAt: early }, { updatedAt: late }),
    atMs: fc.nat(3),
  });
  const aReadingOfAKey = aJobOfAKey.map(({ fields, updatedAt, atMs }) => ({
    job: toJob({ ...fields, ...updatedAt }),
    fetched: stampAt(atMs),
  }));

  test('is an order: among any readings, one after the other is taken at most once', () => {
    fc.assert(
      fc.property(aReadingOfAKey, aReadingOfAKey, aReadingOfAKey, (a, b, c) => {
        expect(hasComeFurther(a, a)).toBe(false);
        if (hasComeFurther(a, b) && hasComeFurther(b, c)) expect(hasComeFurther(a, c)).toBe(true);
        if (hasComeFurther(a, b)) expect(hasComeFurther(b, a)).toBe(false);
      }),
    );
  });

  test('is told by the end, else by the later change, else by the later reading', () => {
    const at = (atMs: number, fields: Fields) => ({ job: toJob(fields), fetched: stampAt(atMs) });
    const inOrder = [
      at(9, running),
      at(8, { ...running, updatedAt: early }),
      at(6, { ...queued, updatedAt: late }),
      at(7, { ...running, updatedAt: late }),
      at(5, unpaid),
      at(4, done),
    ];
    for (const [index, reading] of inOrder.entries()) {
      for (const other of inOrder.slice(0, index)) expect(hasComeFurther(reading, other)).toBe(true);
    }
  });
});
