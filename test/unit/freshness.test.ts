import { describe, expect, test } from 'vitest';
import { toSeq } from '../../src/jobs/seq.ts';
import { ageOf, freshnessOf } from '../../src/store/freshness.ts';
import { decodeJob } from '../../src/upstream/decode-job.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { anAccount, aScope } from '../support/account-builder.ts';
import { aJob } from '../support/job-builder.ts';
import { stampAt } from '../support/stamp.ts';

const limits = { activeMs: 2000, terminalMs: 300_000, holdMs: 60_000 };

describe('an answer is ordinarily fresh', () => {
  test.each([
    ['INITIALIZING', null, 2000],
    ['QUEUED', null, 2000],
    ['RUNNING', null, 2000],
    ['CANCELLING', null, 2000],
    ['UNKNOWN', null, 2000],
    ['SOMETHING_NEW', null, 2000],
    ['HOLD', null, 60_000],
    ['HOLD', 3, 60_000],
    ['COMPLETED', null, 2000],
    ['COMPLETED', 3, 300_000],
    ['COMPLETED', 0, 300_000],
    ['FAILED', 0, 300_000],
    ['CANCELLED', 0, 300_000],
    ['FAILED', null, 2000],
  ])('a job that is %s at a cost of %s for %i ms', (status, cost, expected) => {
    const job = decodeJob(aJob('a:1', { status, cost }))?.job;
    expect(job && freshnessOf({ job, fetched: stampAt(0) }, limits)).toBe(expected);
  });

  test('a refusal for a second', () => {
    expect(freshnessOf(new UpstreamError('not-found', '404'), limits)).toBe(1000);
  });
});

describe('the age of what was read', () => {
  /** An account of which so many of 1,000 requests were spent just now. */
  function accountAfter(spentCount: number) {
    const account = anAccount();
    for (let request = 0; request < spentCount; request += 1) account.spend(10_000);
    return account;
  }

  const [before, during] = [4, 6];

  test.each([
    ['just now', before, 0, 2000, {}, 0, 'fresh'],
    ['within its time', before, 1999, 2000, {}, 0, 'fresh'],
    ['when its time is over', before, 2000, 2000, {}, 0, 'old'],
    ['just now, where nothing is fresh for long', before, 0, 0, {}, 0, 'old'],
    ['within the operation, where nothing is fresh for long', during, 5000, 0, {}, 0, 'fresh'],
    ['just now, where it must be fresh', before, 0, 2000, { mustBeFresh: true }, 0, 'old'],
    ['within the operation, where it must be fresh', during, 5000, 2000, { mustBeFresh: true }, 0, 'fresh'],
    ['within its time, where the budget runs low', before, 1999, 2000, {}, 90, 'fresh'],
    ['when its time is over, where the budget runs low', before, 2000, 2000, {}, 90, 'slowed'],
    ['long ago, where the budget runs low', before, 9999, 2000, {}, 90, 'slowed'],
    ['too long ago even where the budget runs low', before, 10_000, 2000, {}, 90, 'old'],
    ['long ago, where the budget is spent', before, 10_000, 2000, {}, 900, 'slowed'],
    ['just now, where nothing is fresh for long and the budget is spent', before, 0, 0, {}, 900, 'old'],
    [
      'just now, where it must be fresh and the budget is spent',
      before,
      0,
      2000,
      { mustBeFresh: true },
      900,
      'old',
    ],
    ['longer ago than the operation takes', before, 500, 2000, { maxAgeMs: 500 }, 0, 'old'],
    ['not longer ago than the operation takes', before, 499, 2000, { maxAgeMs: 500 }, 0, 'fresh'],
    [
      'when its own time is over though the operation takes it',
      before,
      2000,
      2000,
      { maxAgeMs: 5000 },
      0,
      'old',
    ],
    ['within its time, where both times are slowed down', before, 1999, 2000, { maxAgeMs: 500 }, 90, 'fresh'],
  ])('%s', (_, readSeq, ageMs, ordinaryMs, asked, spentCount, expected) => {
    const scope = aScope({ startedSeq: toSeq(5), ...asked });
    const read = { ...stampAt(10_000 - ageMs), seq: toSeq(readSeq) };
    expect(
      ageOf({ askedSeq: read.seq, read }, ordinaryMs, { scope, account: accountAfter(spentCount) }, 10_000),
    ).toBe(expected);
  });

  test.each([
    ['before others may have read something else', 3, 'old'],
    ['after that', 4, 'fresh'],
  ])('%s', (_, askedSeq, expected) => {
    const account = accountAfter(0);
    account.miss(toSeq(4));
    const when = { askedSeq: toSeq(askedSeq), read: { ...stampAt(9999), seq: toSeq(4) } };
    const reader = { scope: aScope({ startedSeq: toSeq(5) }), account };
    expect(ageOf(when, 2000, reader, 10_000)).toBe(expected);
  });
});
