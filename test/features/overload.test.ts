import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { KnownDocuments } from '../../src/server/documents/known-documents.ts';
import { createTestGateway, type TestGateway } from '../support/create-test-gateway.ts';
import { openStream } from '../support/event-stream.ts';
import { aJob, someJobs } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';

const QUERY = '{ job(qrn: "a:1") { qrn } }';
const REFUSED = {
  errors: [expect.objectContaining({ extensions: { code: 'OVERLOADED', retryAfterMs: 1000 } })],
};
const ONE_PLACE = { MAX_OPERATIONS_IN_FLIGHT: '1' };

const statusOf = async ({ yoga }: TestGateway) =>
  (await yoga.fetch('http://gateway/graphql?query={__typename}')).status;

describe('with MAX_OPERATIONS_IN_FLIGHT=1', () => {
  test('the second operation is refused, and nothing is asked for it', async () => {
    const { query, upstream } = await createTestGateway(() => 'hang', ONE_PLACE);
    const client = new AbortController();
    const first = query(QUERY, { signal: client.signal });
    await upstream.received(1);

    const second = await query(QUERY, { key: 'bob-key' });

    client.abort();
    await expect(first).rejects.toThrow();
    expect([second, upstream.requests.length]).toEqual([REFUSED, 1]);
  });

  test('its document is not even parsed', async () => {
    const parsing = vi.spyOn(KnownDocuments.prototype, 'parse');
    onTestFinished(() => parsing.mockRestore());
    const { query, upstream } = await createTestGateway(() => 'hang', ONE_PLACE);
    const client = new AbortController();
    const first = query(QUERY, { signal: client.signal });
    await upstream.received(1);
    const before = parsing.mock.calls.length;

    for (const document of [
      '{ jobs { totalCount } }',
      'subscription { jobUpdated(qrns: ["a:1"]) { qrn } }',
    ]) {
      expect(await query(document)).toEqual(REFUSED);
    }

    client.abort();
    await expect(first).rejects.toThrow();
    expect(parsing).toHaveBeenCalledTimes(before);
  });

  test('the place of a client that left is free', async () => {
    const gateway = await createTestGateway(() => 'hang', ONE_PLACE);
    const client = new AbortController();
    const first = gateway.query(QUERY, { signal: client.signal });
    await gateway.upstream.received(1);

    client.abort();

    await expect(first).rejects.toThrow();
    await gateway.upstream.abandoned(1);
    expect(await statusOf(gateway)).toBe(200);
  });

  test('an open event stream takes no place', async () => {
    const gateway = await createTestGateway(
      () => ({ body: { success: true, data: aJob('a:1') } }),
      ONE_PLACE,
    );
    const stream = await openStream(gateway, 'subscription { jobUpdated(qrns: ["a:1"]) { qrn } }');

    const status = await statusOf(gateway);

    stream.cut();
    expect(status).toBe(200);
  });
});

test('large pages that are read at once are written one after the other, and others get turns in between', async () => {
  const { query } = await createTestGateway(jobService({ 'alice-key': someJobs(200) }));
  const turns: number[] = [];
  let turn = 0;
  let isDone = false;
  const count = () => {
    turn += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  const read = async (field: string) => {
    await query(`{ jobs(first: 200) { nodes { ${field}: qrn } } }`);
    turns.push(turn);
  };

  await Promise.all(['a', 'b', 'c'].map(read));

  isDone = true;
  // Answers that are ready in one turn or the next are sent together.
  expect(new Set(turns).size).toBe(2);
});
