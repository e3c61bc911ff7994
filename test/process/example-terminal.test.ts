import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type ExampleApp, keysOf, startExampleGateway } from '../support/example-app.ts';
import { type Environment, type Program, startNode } from '../support/run-program.ts';

describe('the example terminal-dashboard', () => {
  let gateway: ExampleApp;

  beforeAll(async () => {
    gateway = await startExampleGateway();
  });
  afterAll(() => gateway.close());

  test('shows a dead key, the newest jobs, and counts that go on to change, until it is told to end', async () => {
    const dashboard = start({ QBRAID_KEYS: `${keysOf('alice')}, dead=qbr_nobody` });
    await dashboard.printed(/^dead: .*does not accept.*\n\n(?:.* [A-Z]{4,} .*\n){15}/m);
    await dashboard.printed(
      /^(\d+ jobs, .*)$(?:\n(?!\d+ jobs, ).*)+\n(?!\1$)\d+ jobs, \d+ active: .* COMPLETED/m,
    );
    dashboard.signal('SIGINT');
    const { code, stdout, stderr } = await dashboard.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toContain('qbr_');
  });

  test('says that it is not live while the gateway restarts, and goes on', async () => {
    const url = await startRestarting();
    const dashboard = start({ GATEWAY_URL: url, QBRAID_KEYS: 'alice=qbr_any' });
    await dashboard.printed(/^1 jobs, .*\nNot live, again in \d s: the gateway restarts\n/m);
    await dashboard.printed(/^2 jobs, .*\n\n/m);
    dashboard.signal('SIGINT');
    const { code, stdout } = await dashboard.ended;
    // The last picture has no notice any more.
    expect([code, stdout.slice(stdout.lastIndexOf('2 jobs'))]).toEqual([0, '2 jobs, 0 active: \n\n']);
  });

  test('ends with the reason where no key is accepted', async () => {
    const dashboard = start({ QBRAID_KEYS: 'dead=qbr_nobody' });
    expect(await dashboard.ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('accept the key'),
    });
  });

  test.each([{}, { QBRAID_KEYS: '' }, { QBRAID_KEYS: ' ' }])(
    'says what it needs where it has no key: %j',
    async (environment) => {
      const { code, stderr } = await start(environment).ended;
      expect([code, stderr]).toEqual([2, expect.stringContaining('QBRAID_KEYS=')]);
    },
  );

  function start(more: Environment): Program {
    const environment = { GATEWAY_URL: gateway.url, ...more };
    const dashboard = startNode(['dashboard.mjs'], environment, 'examples/terminal-dashboard');
    onTestFinished(() => dashboard.signal('SIGKILL'));
    return dashboard;
  }
});

/** A gateway that ends its first two streams after an event, as one that restarts does. Its numbers are those of its streams. */
async function startRestarting(): Promise<string> {
  let streams = 0;
  const server = createServer(async (request, response) => {
    const isOfCounts = (await text(request)).includes('jobCountsChanged');
    streams += 1;
    const total = Math.ceil(streams / 2);
    const data = isOfCounts
      ? { jobCountsChanged: { total, active: 0, byStatus: [], sources: [] } }
      : { jobsChanged: { edges: [], sources: [] } };
    response.setHeader('content-type', 'text/event-stream');
    response.write(`event: next\ndata: ${JSON.stringify({ data })}\n\n`);
    if (total === 1) response.end('event: complete\ndata:\n\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}
