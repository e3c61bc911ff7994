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

  test('ends with the reason where no key is accepted', async () => {
    const dashboard = start({ QBRAID_KEYS: 'dead=qbr_nobody' });
    expect(await dashboard.ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('accept the key'),
    });
  });

  test('says what it needs where it has no key', async () => {
    expect(await start({}).ended).toMatchObject({ code: 2, stderr: expect.stringContaining('QBRAID_KEYS=') });
  });

  function start(keys: Environment): Program {
    const environment = { GATEWAY_URL: gateway.url, ...keys };
    const dashboard = startNode(['dashboard.mjs'], environment, 'examples/terminal-dashboard');
    onTestFinished(() => dashboard.signal('SIGKILL'));
    return dashboard;
  }
});
