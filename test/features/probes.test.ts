import { describe, expect, test } from 'vitest';
import { createTestGateway } from '../support/create-test-gateway.ts';

describe.each(['/health', '/ready'])('%s', (path) => {
  test.each(['GET', 'HEAD'])('answers %s shortly, without asking the upstream', async (method) => {
    const { yoga, upstream } = await createTestGateway(() => 'reset');
    const response = await yoga.fetch(`http://gateway${path}?probe=1`, { method });
    const text = await response.text();
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'private, no-store']);
    expect(text.length).toBeLessThanOrEqual(method === 'HEAD' ? 0 : 10);
    expect(upstream.requests).toEqual([]);
  });

  test('is answered while every place for operations is taken', async () => {
    const { query, yoga, upstream } = await createTestGateway(() => 'hang', {
      MAX_OPERATIONS_IN_FLIGHT: '1',
    });
    const client = new AbortController();
    const answer = query('{ job(qrn: "a:1") { qrn } }', { signal: client.signal });
    await upstream.received(1);
    const { status } = await yoga.fetch(`http://gateway${path}`);
    client.abort();
    await expect(answer).rejects.toThrow();
    expect(status).toBe(200);
  });

  test('is no other address', async () => {
    const { yoga } = await createTestGateway(() => 'reset');
    const { status } = await yoga.fetch(`http://gateway/nothing${path}`);
    expect(status).toBe(404);
  });
});
