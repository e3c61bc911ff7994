import { once } from 'node:events';
import { createServer as createHttpServer, request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
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

describe('a proxy', () => {
  /** A proxy that tells what it was asked for. */
  async function startProxy() {
    const asked: string[] = [];
    const proxy = createHttpServer((incoming, outgoing) => {
      asked.push(`${incoming.method} ${new URL(incoming.url ?? '').pathname}`);
      incoming.pipe(
        request(incoming.url ?? '', { headers: incoming.headers }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        }),
      );
    });
    proxy.on('connect', ({ url = '' }, client) => {
      asked.push('CONNECT');
      const { hostname, port } = new URL(`http://${url}`);
      const server = connect(Number(port), hostname, () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        server.pipe(client).pipe(server);
      });
      client.on('error', () => server.destroy());
      server.on('error', () => client.destroy());
    });
    const port = await listen(proxy);
    return { url: `http://127.0.0.1:${port}`, asked };
  }

  test.each<[environment: Record<string, string>, isUsed: boolean]>([
    [{}, true],
    [{ NO_PROXY: 'example.com' }, true],
    [{ NO_PROXY: '127.0.0.1' }, false],
    [{ NO_PROXY: '*' }, false],
  ])('is used under %j: %s', async (environment, isUsed) => {
    const { url, asked } = await startProxy();
    const { query } = await createTestGateway(() => FOUND, { HTTP_PROXY: url, ...environment });
    const answers = [await query(JOB), await query(JOB, { headers: { 'cache-control': 'no-cache' } })];
    expect([answers, asked.length > 0]).toEqual([Array(2).fill({ data: { job: { qrn: 'a:1' } } }), isUsed]);
  });

  test('for https is not used for http', async () => {
    const { url, asked } = await startProxy();
    const { query } = await createTestGateway(() => FOUND, { HTTPS_PROXY: url });
    expect([(await query(JOB)).data, asked]).toEqual([{ job: { qrn: 'a:1' } }, []]);
  });

  test('that is down makes upstream unavailable', async () => {
    const closed = createServer();
    const port = await listen(closed);
    closed.close();
    const { query } = await createTestGateway(() => FOUND, { HTTP_PROXY: `http://127.0.0.1:${port}` });
    expect((await query(JOB)).errors?.[0]?.extensions.code).toBe('UPSTREAM_UNAVAILABLE');
  });
});

test('an answer that a proxy compressed, though nobody asked, is read', async () => {
  const { gzipSync } = await import('node:zlib');
  const server = createHttpServer((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' });
    response.end(gzipSync(JSON.stringify({ success: true, data: aJob('a:1') })));
  });
  const port = await listen(server);
  const { query } = await createTestGateway(() => FOUND, { QBRAID_API_URL: `http://127.0.0.1:${port}` });
  expect((await query(JOB)).data).toEqual({ job: { qrn: 'a:1' } });
});
