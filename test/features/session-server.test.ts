import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, type TestContext, test } from 'vitest';
import { openStreamAt } from '../support/event-stream.ts';
import { aJob } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';
import { sendOperation } from '../support/send-operation.ts';
import { startTestGateway } from '../support/start-test-gateway.ts';

const EXAMPLE = new URL('../../examples/session-server.mjs', import.meta.url).href;
const KEYS = new Map([
  ['session=a', 'alice-key'],
  ['session=b', 'bob-key'],
]);

/** The address of the example over a gateway whose users have a job each. Both end with the test. */
async function start(context: Pick<TestContext, 'onTestFinished'>): Promise<string> {
  const gateway = await startTestGateway(
    context,
    jobService({
      'alice-key': [aJob('a:1', { status: 'COMPLETED', cost: 1 })],
      'bob-key': [aJob('b:1', { status: 'COMPLETED' })],
    }),
  );
  const { createSessionServer } = await import(EXAMPLE);
  const server: Server = createSessionServer({
    gatewayUrl: gateway.url,
    findKey: ({ headers }: IncomingMessage) => KEYS.get(headers.cookie ?? '') ?? null,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

const JOBS = '{ jobs { nodes { qrn keys } } }';

test('the session server reads with the key of who is signed in, whatever keys the browser sends', async (context) => {
  const url = await start(context);
  const answers = await Promise.all(
    ['session=a', 'session=b'].map((cookie) =>
      sendOperation(url, 'alice-key', JOBS, { cookie, 'x-api-keys': 'x=alice-key' }),
    ),
  );
  expect(answers.map(({ data }) => data.jobs.nodes)).toEqual([
    [{ qrn: 'a:1', keys: ['default'] }],
    [{ qrn: 'b:1', keys: ['default'] }],
  ]);
});

test('the session server refuses who is not signed in', async (context) => {
  const response = await fetch(await start(context), { method: 'POST', body: '{}' });
  expect(response.status).toBe(401);
});

test('the session server hands on subscriptions', async (context) => {
  const query = 'subscription { jobUpdated(qrns: ["a:1"]) { qrn status } }';
  const stream = await openStreamAt(await start(context), query, { headers: { cookie: 'session=a' } });
  expect((await stream.rest())[0]).toEqual({ data: { jobUpdated: { qrn: 'a:1', status: 'COMPLETED' } } });
});
