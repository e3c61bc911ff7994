import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromPlain, type SharedAnswer, toPlain } from '../../src/fleet/shared-reading.ts';
import { decodeJob } from '../../src/upstream/decode-job.ts';
import type { Job } from '../../src/upstream/job.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { aJob } from '../support/job-builder.ts';

const anyDate = fc.option(fc.date({ noInvalidDate: true }));
/** As JSON has it: no `-0`. */
const anyJson = fc
  .dictionary(fc.string(), fc.jsonValue({ maxDepth: 3, noUnicodeString: false }))
  .map((value) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>);

const decoded = decodeJob(aJob('qbraid:job:1'));
if (decoded === null) throw new Error('The job of the tests must be readable.');

const anyJob: fc.Arbitrary<Job> = fc
  .record({
    qrn: fc.string({ minLength: 1 }),
    name: fc.option(fc.string()),
    shots: fc.option(fc.nat()),
    tags: anyJson,
    metadata: anyJson,
    createdAt: anyDate,
    updatedAt: anyDate,
    timeStamps: fc.option(
      fc.record({ createdAt: anyDate, endedAt: anyDate, executionDuration: fc.option(fc.nat()) }),
    ),
  })
  .map((fields) => ({ ...decoded.job, ...fields }));

const anyError = fc
  .record({
    kind: fc.constantFrom('forbidden', 'not-found', 'invalid-response'),
    status: fc.option(fc.nat()),
  })
  .map(({ kind, status }) => new UpstreamError(kind, 'Refused.', status === null ? {} : { status }));

const anyPage = fc.record({
  items: fc.array(
    fc.record({ identity: fc.string(), isNamed: fc.boolean(), job: fc.oneof(anyJob, anyError) }),
    { maxLength: 5 },
  ),
  total: fc.nat(),
});

/** With the name of its resource: those that are not told apart are plain already. */
const anyAnswer: fc.Arbitrary<readonly [string, SharedAnswer]> = fc.oneof(
  fc.tuple(fc.constant('job'), fc.oneof(anyJob, anyError)),
  fc.tuple(fc.constant('page'), fc.oneof(anyPage, anyError)),
  fc.tuple(fc.constantFrom('counts', 'result', 'device', 'cancel'), fc.oneof(anyJson, anyError)),
);

describe('an answer', () => {
  test('is the same after it was shared', () => {
    fc.assert(
      fc.property(anyAnswer, ([resource, answer]) => {
        const plain = JSON.parse(JSON.stringify(toPlain(resource, answer)));
        expect(fromPlain(resource, plain)).toEqual(answer);
      }),
    );
  });
});
