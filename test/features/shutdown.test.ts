import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { createLogger } from '../../src/server/create-logger.ts';
import { startGateway } from '../../src/server/start-gateway.ts';
import { openStreamAt } from '../support/event-stream.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { holdAnswers } from '../support/held-answers.ts';
import { aJob } from '../support/job-builder.ts';
import { startScriptedUpstream, type UpstreamScript } from '../support/scripted-upstream.ts';

const DELAY_MS = 5000;
const TIMEOUT_MS = 20_000;
const SILENCE_MS = 1000;

/** A gateway on a socket, with a clock of the test's own. */
async function start(script: UpstreamScript = () => 'hang') {
  const upstream = await startScriptedUpstream(script);
  onTestFinished(() => upstream.close());
  const clock = createFakeClock();
  const logs: Record<string, unknown>[] = [];
  const destination = new Writable({
    write(line, _, done) {
      logs.push(JSON.parse(String(line)));
      done();
    },
  });
  const config = parseConfig({
    PORT: '0',
    QBRAID_API_URL: upstream.url,
    SHUTDOWN_DELAY_MS: String(DELAY_MS),
    SHUTDOWN_TIMEOUT_MS: String(TIMEOUT_MS),
  });
  const logger = createLogger({ logLevel: 'debug', destination });
  const { url, close } = await startGateway({ config, logger, clock, playground: null });
  const { port } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return {
    upstream,
    clock,
    logs,
    url,
    close,
    port: Number(port),
    /** Sends an operation over the one connection of the agent. */
    ask: (query: string) => post(url, query, agent),
    /** Closes it, and goes on to when it listens no more. */
    async stop() {
      const cut = close();
      clock.advance(DELAY_MS);
      await until(async () => !(await isListening(Number(port))));
      return { cut };
    },
  };
}

async function post(url: string, query: string, agent: Agent) {
  const headers = { 'content-type': 'application/json', 'x-api-key': 'alice-key' };
  const outgoing = request(url, { method: 'POST', headers, agent }).end(JSON.stringify({ query }));
  const [response] = await once(outgoing, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { connection: response.headers.connection, answer: JSON.parse(text) };
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isOpen = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isOpen;
}

async function until(isReached: () => Promise<boolean>): Promise<void> {
  while (!(await isReached()));
}

describe('a gateway that closes', () => {
  test('is not ready at once, but alive, and answers until the delay is over', async () => {
    const { url, close, ask, clock, port } = await start();
    const statusOf = async (path: string) => (await fetch(new URL(path, url))).status;
    const before = await statusOf('/ready');
    const closed = close();
    clock.advance(DELAY_MS - 1);
    const during = [await statusOf('/ready'), await statusOf('/health')];
    const { answer } = await ask('{ __typename }');
    clock.advance(1);
    await until(async () => !(await isListening(port)));
    clock.advance(SILENCE_MS);
    expect([before, during, answer, await closed]).toEqual([
      200,
      [503, 200],
      { data: { __typename: 'Query' } },
      0,
    ]);
  });

  test('closes each connection with its next answer, also with one that it had begun to work on', async () => {
    const { script, release } = holdAnswers(() => ({ body: { success: true, data: aJob('a:1') } }));
    const { ask, upstream, stop } = await start(script);
    const first = await ask('{ __typename }');
    const begun = ask('{ job(qrn: "a:1") { qrn } }');
    await upstream.received(1);
    const { cut } = await stop();
    release();
    expect([first.connection, (await begun).connection, await cut]).toEqual(['keep-alive', 'close', 0]);
  });

  test('closes connections that are idle when the delay is over', async () => {
    const { ask, stop } = await start();
    await ask('{ __typename }');
    const { cut } = await stop();
    expect(await cut).toBe(0);
  });

  test('waits only a second for a connection on which nothing was asked', async () => {
    const { port, stop, clock } = await start();
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const { cut } = await stop();
    clock.advance(SILENCE_MS);
    expect(await cut).toBe(0);
  });

  test.each([
    ['a query', '{ job(qrn: "a:1") { qrn } }', { job: { qrn: 'a:1' } }],
    ['one that fails', '{ job(qrn: "a:2") { qrn } }', { job: null }],
  ])('answers %s that is sent as an event stream, before it completes that', async (_, query, data) => {
    const { script, release } = holdAnswers(() => ({ body: { success: true, data: aJob('a:1') } }));
    const { url, upstream, stop } = await start(script);
    const opened = openStreamAt(url, query);
    await upstream.received(1);
    const { cut } = await stop();
    release();
    const stream = await opened;
    expect([(await stream.next())?.data, await stream.next(), await cut]).toEqual([data, null, 0]);
  });

  test('completes event streams when the delay is over', async () => {
    const { url, stop } = await start(() => ({ body: { success: true, data: aJob('a:1') } }));
    const stream = await openStreamAt(url, 'subscription { jobUpdated(qrns: ["a:1"]) { qrn } }');
    const first = await stream.next();
    const { cut } = await stop();
    expect([first, await stream.rest(), await cut]).toEqual([
      { data: { jobUpdated: { qrn: 'a:1' } } },
      [],
      0,
    ]);
  });

  test('cuts off what is not answered in time, says how much that was, and gives it up', async () => {
    const { upstream, url, stop, clock, logs } = await start();
    const answers = Promise.allSettled(
      ['a:1', 'a:2', 'a:3'].map((qrn) => post(url, `{ job(qrn: "${qrn}") { qrn } }`, new Agent())),
    );
    await upstream.received(3);
    const { cut } = await stop();
    clock.advance(TIMEOUT_MS);
    expect((await answers).map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
    expect(await cut).toBe(3);
    await upstream.abandoned(3);
    expect(logs.filter(({ level }) => Number(level) >= 40)).toEqual([
      expect.objectContaining({ level: 40, requests: 3, msg: expect.stringContaining('cut off') }),
    ]);
  });

  test('gives the requests in flight all of their time', async () => {
    const { upstream, ask, stop, clock } = await start();
    let hasEnded = false;
    const answer = ask('{ job(qrn: "a:1") { qrn } }').finally(() => {
      hasEnded = true;
    });
    await upstream.received(1);
    const { cut } = await stop();
    clock.advance(TIMEOUT_MS - 1);
    const hadEnded = hasEnded;
    clock.advance(1);
    await expect(answer).rejects.toThrow();
    expect([hadEnded, await cut]).toEqual([false, 1]);
  });
});
