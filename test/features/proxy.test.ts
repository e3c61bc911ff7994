import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createTestGateway } from '../support/create-test-gateway.ts';
import { aJob } from '../support/job-builder.ts';
import { startProxy } from '../support/proxy.ts';
import type { UpstreamBehaviour } from '../support/scripted-upstream.ts';

const JOB = '{ job(qrn: "a:1") { qrn } }';
const FOUND: UpstreamBehaviour = { body: { success: true, data: aJob('a:1') } };
const noCache = { headers: { 'cache-control': 'no-cache' } };

describe('a proxy', () => {
  test.each<[environment: Record<string, string>, isUsed: boolean]>([
    [{}, true],
    [{ NO_PROXY: 'example.com' }, true],
    [{ NO_PROXY: '127.0.0.1' }, false],
    [{ NO_PROXY: '*' }, false],
  ])('is used under %j: %s', async (environment, isUsed) => {
    const { url, heads } = await startProxy();
    const { query } = await createTestGateway(() => FOUND, { HTTP_PROXY: url, ...environment });
    const answers = [await query(JOB), await query(JOB, noCache)];
    expect([answers, heads.length]).toEqual([
      Array(2).fill({ data: { job: { qrn: 'a:1' } } }),
      isUsed ? 1 : 0,
    ]);
  });

  test('for https is not used for http', async () => {
    const { url, heads } = await startProxy();
    const { query } = await createTestGateway(() => FOUND, { HTTPS_PROXY: url });
    expect([(await query(JOB)).data, heads]).toEqual([{ job: { qrn: 'a:1' } }, []]);
  });

  test('gets the credentials in its address, and no key', async () => {
    const { port, heads } = await startProxy();
    const proxy = `http://us%40er:pa%3Ass@127.0.0.1:${port}`;
    const { query } = await createTestGateway(() => FOUND, { HTTP_PROXY: proxy });
    await query(JOB);
    expect(heads[0]).toContain(
      `proxy-authorization: Basic ${Buffer.from('us@er:pa:ss').toString('base64')}\r\n`,
    );
    expect(heads[0]).not.toContain('alice-key');
  });

  test('is asked again where the last way was closed', async () => {
    const { url, heads } = await startProxy();
    const { query, upstream } = await createTestGateway(
      () => (upstream.requests.length === 1 ? { ...FOUND, headers: { connection: 'close' } } : FOUND),
      { HTTP_PROXY: url },
    );
    await query(JOB);
    expect([(await query(JOB, noCache)).data, heads.length]).toEqual([{ job: { qrn: 'a:1' } }, 2]);
  });

  test('that is down makes upstream unavailable', async () => {
    const { url, stop } = await startProxy();
    stop();
    const { query } = await createTestGateway(() => FOUND, { HTTP_PROXY: url });
    expect((await query(JOB)).errors).toMatchObject([
      {
        message: 'The proxy opens no way to the qBraid API (ECONNREFUSED).',
        extensions: { code: 'UPSTREAM_UNAVAILABLE' },
      },
    ]);
  });

  test.each<[what: string, act: (client: Socket) => void, reason: string]>([
    ['hangs up', (client) => client.destroy(), 'ECONNRESET'],
    ['ends', (client) => client.end(), 'ECONNRESET'],
    ['resets the connection', (client) => client.resetAndDestroy(), 'ECONNRESET'],
    ['hangs up within its answer', (client) => client.end('HTTP/1.1 20'), 'ECONNRESET'],
    ['speaks no HTTP', (client) => client.end('nonsense\r\n\r\n'), 'HPE_\\w+'],
    ['wants credentials', (client) => client.end('HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n'), 'HTTP 407'],
    [
      'finds no upstream',
      (client) => client.end('HTTP/1.1 502 No\r\ncontent-length: 2\r\n\r\nno'),
      'HTTP 502',
    ],
    [
      'sends headers without end',
      (client) => client.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}`),
      'HPE_\\w+',
    ],
  ])('that %s is asked once, and makes upstream unavailable', async (_, act, reason) => {
    const { url, heads, allClosed } = await startProxy(act);
    const { query } = await createTestGateway(() => FOUND, { HTTP_PROXY: url });
    expect((await query(JOB)).errors).toMatchObject([
      {
        message: expect.stringMatching(`^The proxy opens no way to the qBraid API \\(${reason}\\).$`),
        extensions: { code: 'UPSTREAM_UNAVAILABLE' },
      },
    ]);
    await allClosed();
    expect(heads).toHaveLength(1);
  });
});

describe('a proxy that does not answer', () => {
  const CONNECT_TIMEOUT_MS = 3000;

  async function open(environment: Record<string, string> = {}) {
    const proxy = await startProxy(() => {});
    const gateway = await createTestGateway(() => FOUND, {
      HTTP_PROXY: proxy.url,
      UPSTREAM_CONNECT_TIMEOUT_MS: String(CONNECT_TIMEOUT_MS),
      ...environment,
    });
    return { ...gateway, ...proxy };
  }

  test('is given up after the time that a connection may take to open', async () => {
    const { query, clock, asked, allClosed } = await open();
    const answer = query(JOB);
    await asked(1);
    clock.advance(CONNECT_TIMEOUT_MS);
    expect((await answer).errors).toMatchObject([
      {
        message: 'The qBraid API did not accept a connection in time.',
        extensions: { code: 'GATEWAY_TIMEOUT' },
      },
    ]);
    await allClosed();
  });

  test('holds no request for longer than one may take', async () => {
    const { query, clock, asked } = await open({ UPSTREAM_TIMEOUT_MS: '1000' });
    const answer = query(JOB);
    await asked(1);
    clock.advance(1000);
    expect((await answer).errors).toMatchObject([
      { message: 'The qBraid API did not answer within 1000 ms.', extensions: { code: 'GATEWAY_TIMEOUT' } },
    ]);
  });

  test('keeps no connection from other keys after that', async () => {
    const { query, clock, asked } = await open({ UPSTREAM_CONNECTIONS: '1' });
    const first = query(JOB);
    await asked(1);
    clock.advance(CONNECT_TIMEOUT_MS);
    await first;
    const second = query(JOB, { key: 'bob-key' });
    await asked(2);
    clock.advance(CONNECT_TIMEOUT_MS);
    await second;
  });
});
