import { describe, expect, test } from 'vitest';
import { decodeListAnswer } from '../../src/upstream/decode-answer.ts';
import { decodeJob } from '../../src/upstream/decode-job.ts';
import type { Job } from '../../src/upstream/job.ts';
import { reuseJob, reuseJobs } from '../../src/upstream/reuse-jobs.ts';
import { aJob, type RawJob } from '../support/job-builder.ts';

const rich = {
  tags: { a: [1, { b: null }], c: 'x' },
  timeStamps: { createdAt: '2026-01-15T10:30:00Z', endedAt: null, executionDuration: 5 },
  device: { name: 'Aquila' },
};

function job(fields: object = {}): Job {
  const decoded = decodeJob(aJob('a:1', { ...rich, ...fields }));
  if (decoded === null) throw new TypeError('That is no job.');
  return decoded.job;
}

describe('a job that was read again', () => {
  test('is the former object if it says the same', () => {
    const former = job();
    expect(reuseJob(job(), former)).toBe(former);
  });

  test('is the former object if only the order of names is another one', () => {
    const former = job();
    expect(reuseJob(job({ tags: { c: 'x', a: [1, { b: null }] } }), former)).toBe(former);
  });

  test.each<[fields: object]>([
    [{ status: 'COMPLETED' }],
    [{ queuePosition: 1 }],
    [{ cost: 1 }],
    [{ tags: { a: [1, { b: null }] } }],
    [{ tags: { a: [1, { b: null }], d: 'x' } }],
    [{ tags: { a: [1, { b: null }], toString: 'x' } }],
    [{ tags: { a: [1, { b: 0 }], c: 'x' } }],
    [{ tags: { a: { 0: 1, 1: { b: null } }, c: 'x' } }],
    [{ tags: { a: [1, { b: null }, 2], c: 'x' } }],
    [{ timeStamps: null }],
    [{ timeStamps: { ...rich.timeStamps, createdAt: '2026-01-15T10:30:01Z' } }],
    [{ timeStamps: { ...rich.timeStamps, endedAt: '2026-01-15T10:30:01Z' } }],
    [{ device: { name: 'Aquila', status: 'ONLINE' } }],
    [{ createdAt: '2026-01-15T10:30:01Z' }],
    [{ metadata: JSON.parse('{"__proto__": {}}') }],
  ])('is another one with %j', (fields) => {
    const changed = job(fields);
    expect([reuseJob(changed, job()), reuseJob(job(), changed)]).toEqual([changed, job()]);
    expect(reuseJob(changed, job())).toBe(changed);
  });
});

describe('a page that was read again', () => {
  const page = (data: readonly RawJob[]) =>
    decodeListAnswer(
      { data, pagination: { total: data.length } },
      { page: 1, limit: 10 },
      { status: 200, bytes: 0, onUnknownStatus() {} },
    );

  test('has the former objects of the jobs that say the same, wherever they stand', () => {
    const former = page([aJob('a:3'), aJob('a:2'), aJob('a:1')]);
    const again = reuseJobs(page([aJob('a:4'), aJob('a:3'), aJob('a:2', { cost: 1 }), aJob('a:1')]), former);
    expect(again.items.map((item) => former.items.indexOf(item))).toEqual([-1, 0, -1, 2]);
    expect(again.total).toBe(4);
  });
});
