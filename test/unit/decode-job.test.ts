import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { decodeJob } from '../../src/upstream/decode-job.ts';
import { aJob } from '../support/job-builder.ts';

const unset = {
  qrn: 'a:1',
  name: null,
  status: 'RUNNING',
  statusMsg: null,
  shots: null,
  numCircuits: null,
  deviceQrn: null,
  device: null,
  vendor: null,
  provider: null,
  experimentType: null,
  tags: {},
  runtimeOptions: {},
  metadata: {},
  batchJobQrn: null,
  queuePosition: null,
  timeStamps: null,
  createdAt: null,
  updatedAt: null,
  cost: null,
  estimatedCost: null,
};

const decode = (fields: object) => decodeJob({ jobQrn: 'a:1', status: 'RUNNING', ...fields });

describe('a job', () => {
  test.each<[fields: object, expected: object]>([
    [{}, {}],
    [{ shots: null, tags: null, timeStamps: null, device: null, cost: null, createdAt: null }, {}],
    [
      { shots: 0, queuePosition: 0, cost: 0 },
      { shots: 0, queuePosition: 0, cost: 0 },
    ],
    [{ shots: 2 ** 53 - 1 }, { shots: 2 ** 53 - 1 }],
    [{ numCircuits: 2.6 }, { numCircuits: 3 }],
    [
      { shots: '1000', queuePosition: '0' },
      { shots: 1000, queuePosition: 0 },
    ],
    [
      { cost: '0.501875', estimatedCost: '-1' },
      { cost: 0.501875, estimatedCost: -1 },
    ],
    [
      { vendor: 'new', provider: 'new', experimentType: 'new' },
      { vendor: 'new', provider: 'new', experimentType: 'new' },
    ],
    [{ groupJobQrn: 'a:g' }, { batchJobQrn: 'a:g' }],
    [{ groupJobQrn: 'a:g', batchJobQrn: null }, { batchJobQrn: 'a:g' }],
    [{ groupJobQrn: 'a:g', batchJobQrn: 'a:b' }, { batchJobQrn: 'a:b' }],
    [{ groupJobQrn: 'a:g', batchJobQrn: '' }, { batchJobQrn: 'a:g' }],
    [{ batchJobQrn: '' }, {}],
    [{ tags: { a: [1, { b: null }] } }, { tags: { a: [1, { b: null }] } }],
    [{ deviceId: 'x', providerId: 'x', gcsDestination: 'x', organizationUserId: 'x' }, {}],
    [
      { device: { name: 'Aquila', secret: 'x' } },
      { device: { qrn: null, name: 'Aquila', deviceType: null, vendor: null, status: null } },
    ],
    [
      { timeStamps: { secret: 'x' } },
      { timeStamps: { createdAt: null, endedAt: null, executionDuration: null } },
    ],
    [
      { timeStamps: { createdAt: '2026-01-15T10:30:00Z' } },
      {
        timeStamps: { createdAt: new Date('2026-01-15T10:30:00Z'), endedAt: null, executionDuration: null },
        createdAt: new Date('2026-01-15T10:30:00Z'),
      },
    ],
    [
      { createdAt: '2026-01-15T10:00:00Z', updatedAt: '2026-01-15T11:00:00Z', timeStamps: null },
      { createdAt: new Date('2026-01-15T10:00:00Z'), updatedAt: new Date('2026-01-15T11:00:00Z') },
    ],
  ])('with %j is read', (fields, expected) => {
    expect(decode(fields)).toEqual({ job: { ...unset, ...expected }, unknownStatus: null });
  });

  test.each([
    ['QUEUED', 'QUEUED', null],
    ['UNKNOWN', 'UNKNOWN', null],
    ['PAUSED', 'UNKNOWN', 'PAUSED'],
    ['completed', 'UNKNOWN', 'completed'],
    ['__proto__', 'UNKNOWN', '__proto__'],
  ])('with the status %s is %s', (sent, status, unknownStatus) => {
    const decoded = decode({ status: sent });
    expect([decoded?.job.status, decoded?.unknownStatus]).toEqual([status, unknownStatus]);
  });

  test.each([
    ['2026-01-15T10:30:00Z', '2026-01-15T10:30:00.000Z'],
    ['2026-01-15T10:30:00.1Z', '2026-01-15T10:30:00.100Z'],
    ['2026-01-15T10:30:00.123Z', '2026-01-15T10:30:00.123Z'],
    ['2026-01-15T10:30:00.123456Z', '2026-01-15T10:30:00.123Z'],
    ['2026-01-15T10:30:00.999999999Z', '2026-01-15T10:30:00.999Z'],
    ['2026-01-15T10:30:00+00:00', '2026-01-15T10:30:00.000Z'],
    ['2026-01-15T10:30:00-05:30', '2026-01-15T16:00:00.000Z'],
    ['2026-01-15T10:30:00.5+0200', '2026-01-15T08:30:00.500Z'],
    ['2026-01-15T10:30:00', '2026-01-15T10:30:00.000Z'],
    ['2026-01-15T10:30:00.123456', '2026-01-15T10:30:00.123Z'],
    ['2026-01-15 10:30:00', '2026-01-15T10:30:00.000Z'],
    ['2026-01-15 10:30:00.25+00:00', '2026-01-15T10:30:00.250Z'],
    ['2026-01-15t10:30:00z', '2026-01-15T10:30:00.000Z'],
  ])('with the time %s is read as %s', (createdAt, expected) => {
    expect(decode({ createdAt })?.job.createdAt?.toISOString()).toBe(expected);
  });

  test('with a time that names no zone is read as UTC, wherever the gateway runs', () => {
    vi.stubEnv('TZ', 'Asia/Tokyo');
    const createdAt = ['2026-01-15T10:30:00', '2026-01-15 10:30:00.123456'];
    expect(createdAt.map((time) => decode({ createdAt: time })?.job.createdAt?.toISOString())).toEqual([
      '2026-01-15T10:30:00.000Z',
      '2026-01-15T10:30:00.123Z',
    ]);
  });

  test.each<[raw: unknown]>([
    [undefined],
    [null],
    ['a:1'],
    [7],
    [[]],
    [{}],
    [{ jobQrn: 'a:1' }],
    [{ status: 'RUNNING' }],
    [{ jobQrn: '', status: 'RUNNING' }],
    [{ jobQrn: 1, status: 'RUNNING' }],
    [{ jobQrn: 'a:1', status: '' }],
    [{ jobQrn: 'a:1', status: null }],
    [aJob('a:1', { name: 7 })],
    [aJob('a:1', { shots: 'many' })],
    [aJob('a:1', { shots: '1e3' })],
    [aJob('a:1', { shots: '9007199254740992' })],
    [aJob('a:1', { shots: 2 ** 53 })],
    [aJob('a:1', { shots: Number.POSITIVE_INFINITY })],
    [aJob('a:1', { cost: '' })],
    [aJob('a:1', { cost: '1e3' })],
    [aJob('a:1', { cost: 'NaN' })],
    [aJob('a:1', { tags: [] })],
    [aJob('a:1', { tags: '{}' })],
    [aJob('a:1', { metadata: 0 })],
    [aJob('a:1', { metadata: nested(65) })],
    [aJob('a:1', { device: 'Aquila' })],
    [aJob('a:1', { timeStamps: '2026-01-15' })],
    [aJob('a:1', { createdAt: '2026-01-15' })],
    [aJob('a:1', { createdAt: 1768473000000 })],
    [aJob('a:1', { createdAt: 'Thu, 15 Jan 2026 12:00:00 GMT' })],
    [aJob('a:1', { createdAt: '2026-02-30T25:00:00Z' })],
    [aJob('a:1', { timeStamps: { endedAt: 'never' } })],
  ])('is not %j', (raw) => {
    expect(decodeJob(raw)).toBeNull();
  });

  test('keeps metadata that nests as deep as any that is meant', () => {
    expect(decode({ metadata: nested(64) })?.job.metadata).toEqual(nested(64));
  });

  test('reads whole numbers that are sent as text', () => {
    expect(decode({ shots: '1000', queuePosition: '3' })?.job).toMatchObject({
      shots: 1000,
      queuePosition: 3,
    });
  });

  test('takes an empty batch for none', () => {
    expect(decode({ batchJobQrn: '', groupJobQrn: '' })?.job.batchJobQrn).toBeNull();
  });

  test('keeps tags of any name', () => {
    const tags = JSON.parse('{"__proto__":1,"constructor":2}');
    expect(Object.entries(decode({ tags })?.job.tags ?? {})).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ]);
  });

  test('is read or not, whatever JSON it is', () => {
    const names = Object.keys(aJob('a:1', { device: 0, numCircuits: 0, createdAt: 0, groupJobQrn: 0 }));
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.jsonValue(), (name, value) => {
        const decoded = decodeJob({ ...aJob('a:1'), [name]: value });
        expect(decoded === null || typeof decoded.job.qrn === 'string').toBe(true);
      }),
    );
  });
});

/** Objects that stand so deep in each other. */
function nested(depth: number): Record<string, unknown> {
  return depth === 1 ? {} : { in: nested(depth - 1) };
}
