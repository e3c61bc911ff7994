import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { aJob } from '../support/job-builder.ts';
import type { UpstreamBehaviour } from '../support/scripted-upstream.ts';

const JOB = '{ job(qrn: "a:1") { qrn } }';
const FOUND: UpstreamBehaviour = { body: { success: true, data: aJob('a:1') } };

/** Listens until the test ends. Gives the port. */
async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

// These limits are those of undici, which has a clock of its own.
describe('an upstream', () => {
  test('that begins no answer, or stops within it, is given up after the time of that variable', async () => {
    // Both at once, because that clock looks around only once a second.
    const errorsOf = async (variable: string, behaviour: UpstreamBehaviour) => {
      const { query } = await createTestGateway(() => behaviour, { [variable]: '20' });
      return (await query(JOB)).errors;
    };
    const failure = (message: RegExp) => [
      { message: expect.stringMatching(message), extensions: { code: 'GATEWAY_TIMEOUT' } },
    ];
    expect(
      await Promise.all([
        errorsOf('UPSTREAM_HEADERS_TIMEOUT_MS', 'hang'),
        errorsOf('UPSTREAM_BODY_TIMEOUT_MS', { body: '{"success"', isStalled: true }),
      ]),
    ).toMatchObject([failure(/did not begin its answer in time/), failure(/stopped within its answer/)]);
  });
});

test('an answer that a proxy compressed, though nobody asked, is read', async () => {
  const { gzipSync } = await import('node:zlib');
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' });
    response.end(gzipSync(JSON.stringify({ success: true, data: aJob('a:1') })));
  });
  const port = await listen(server);
  const { query } = await createTestGateway(() => FOUND, { QBRAID_API_URL: `http://127.0.0.1:${port}` });
  expect((await query(JOB)).data).toEqual({ job: { qrn: 'a:1' } });
});
