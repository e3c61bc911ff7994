import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { certificate } from '../support/certificate.ts';
import { aJob } from '../support/job-builder.ts';
import { startProxy } from '../support/proxy.ts';
import { type Environment, runProgram } from '../support/run-program.ts';
import { sendOperation } from '../support/send-operation.ts';

/** Starts an upstream that has TLS. It ends with the test. */
async function startUpstream() {
  const keys: unknown[] = [];
  const server = createServer(certificate, ({ headers }, response) => {
    keys.push(headers['x-api-key']);
    response.end(JSON.stringify({ success: true, data: aJob('a:1') }));
  }).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => {});
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, keys };
}

/** The variable with which the program trusts that upstream. */
function trusting(): Environment {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'ca.pem'), certificate.cert);
  return { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') };
}

/** Asks the built gateway for the job of this upstream. */
async function ask(url: string, environment: Environment) {
  const gateway = runProgram([], { PORT: '0', QBRAID_API_URL: url, ...environment });
  const [, address = ''] = await gateway.printed(/"url":"([^"]+)"/);
  const { data, errors } = await sendOperation(address, 'alice-key', '{ job(qrn: "a:1") { qrn } }');
  return errors?.[0]?.message ?? data.job.qrn;
}

const WAYS = ['no proxy', 'a proxy', 'a proxy with TLS'] as const;

async function toProxy(way: (typeof WAYS)[number]): Promise<Environment> {
  if (way === 'no proxy') return {};
  const { url } = await startProxy(undefined, way === 'a proxy' ? 'http' : 'https');
  return { HTTPS_PROXY: url };
}

test.each(WAYS)('an upstream whose certificate is trusted is asked through %s', async (way) => {
  const { url, keys } = await startUpstream();
  expect(await ask(url, { ...trusting(), ...(await toProxy(way)) })).toBe('a:1');
  expect(keys).toEqual(['alice-key']);
});

test.each(WAYS)(
  'no variable of Node lets an upstream that is not trusted have a key, through %s',
  async (way) => {
    const { url, keys } = await startUpstream();
    const message = await ask(url, { NODE_TLS_REJECT_UNAUTHORIZED: '0', ...(await toProxy(way)) });
    expect(message).toMatch(/\(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
    expect(keys).toEqual([]);
  },
);
