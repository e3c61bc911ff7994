import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { aJob } from '../support/job-builder.ts';
import { type Environment, type Program, runProgram } from '../support/run-program.ts';
import { startScriptedUpstream, type UpstreamScript } from '../support/scripted-upstream.ts';

const QUERY = '{ job(qrn: "qbraid:job:1") { qrn } }';
const PACKAGE = new URL('../../package.json', import.meta.url);
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

describe('the program ends with exit code 1', () => {
  test('and lists every fault of its environment', async () => {
    const environment = {
      PORT: '70000',
      QBRAID_API_URL: 'ftp://example.com',
      LOG_LEVEL: 'loud',
      UPSTREAM_TIMEOUT_MS: '1.5',
      GRAPHIQL: 'yes',
    };
    expect(await runProgram([], environment).ended).toEqual({
      code: 1,
      stdout: '',
      stderr: `The environment has 5 fault(s):
  PORT: must be a whole number from 0 to 65535, such as 4000, got "70000"
  QBRAID_API_URL: must be an http or https address without credentials, query or fragment, such as https://api.example.com/v1, got "ftp://example.com"
  UPSTREAM_TIMEOUT_MS: must be a whole number from 1 to 600000, such as 20000, got "1.5"
  GRAPHIQL: must be true or false, got "yes"
  LOG_LEVEL: must be one of fatal, error, warn, info, debug, trace, silent, got "loud"
`,
    });
  });

  test('and one line about a command that it does not know', async () => {
    expect(await runProgram(['serve']).ended).toEqual({
      code: 1,
      stdout: '',
      stderr: 'The command must be one of gateway, sandbox, demo, got serve. --help explains them.\n',
    });
  });

  test.each([
    ['sandbox', 'SANDBOX_PORT'],
    // The demo starts the gateway as the gateway's own command does.
    ['demo', 'PORT'],
    ['demo', 'SANDBOX_PORT'],
    ['gateway', 'METRICS_PORT'],
  ])('and one line that names the variable, where the %s finds its %s taken', async (command, name) => {
    const port = await takePort();
    const program = runProgram([command], { PORT: '0', SANDBOX_PORT: '0', [name]: String(port) });
    const { code, stderr } = await program.ended;
    expect([code, stderr]).toEqual([
      1,
      `Port ${port} of 127.0.0.1 is taken: end what listens there, or set another ${name}.\n`,
    ]);
  });

  test('and one line that says what to set, where HOST is the address of another machine', async () => {
    const { code, stderr } = await runProgram([], { PORT: '0', HOST: '192.0.2.1' }).ended;
    expect([code, stderr]).toEqual([
      1,
      'HOST must be an address of this machine, got 192.0.2.1 (EADDRNOTAVAIL): ' +
        'set 127.0.0.1 for this machine alone, or 0.0.0.0 for others too.\n',
    ]);
  });
});

describe('the program answers', () => {
  test.each(['--help', '-h'])(
    '%s with its commands, and where its variables are explained',
    async (option) => {
      const { code, stdout, stderr } = await runProgram([option], { PORT: 'x' }).ended;
      expect([code, stderr]).toEqual([0, '']);
      for (const part of ['gateway', 'sandbox', 'demo', '.env.example']) expect(stdout).toContain(part);
    },
  );

  test.each(['--version', '-V'])('%s with its version', async (option) => {
    const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8'));
    expect(await runProgram([option]).ended).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('a file .env', () => {
  const { scripts } = JSON.parse(readFileSync(PACKAGE, 'utf8'));
  const [, hook = ''] = / --import (\S+) dist\/main\.js$/.exec(scripts.start) ?? [];
  const byNpm = { NODE_OPTIONS: `--import=${hook}` };

  test.each<[what: string, text: string | null, environment: Environment, got: string]>([
    ['is read by npm start', 'PORT=of-file', byNpm, 'of-file'],
    ['changes no variable that is set', 'PORT=of-file', { ...byNpm, PORT: 'of-shell' }, 'of-shell'],
    ['may be missing', null, { ...byNpm, PORT: 'of-shell' }, 'of-shell'],
    ['is not read where the program starts without npm', 'PORT=of-file', { METRICS_PORT: 'x' }, 'x'],
  ])('%s', async (_, text, environment, got) => {
    const folder = mkdtempSync(join(tmpdir(), 'env-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const part of ['dist', 'scripts']) {
      symlinkSync(fileURLToPath(new URL(part, PACKAGE)), join(folder, part));
    }
    if (text !== null) writeFileSync(join(folder, '.env'), text);
    const { code, stderr } = await runProgram([], environment, folder).ended;
    expect([code, stderr.split('\n').slice(0, -1)]).toEqual([
      1,
      ['The environment has 1 fault(s):', expect.stringMatching(`, got "${got}"$`)],
    ]);
  });
});

describe.each(SIGNALS)('%s', (signal) => {
  test('lets a request in flight be answered, though another follows at once, and ends with exit code 0', async () => {
    const second = signal === 'SIGINT' ? 'SIGTERM' : signal;
    const hold = createHold();
    const { gateway, upstream, url } = await startGateway(async () => {
      await hold.released;
      return { body: { success: true, data: aJob('qbraid:job:1') } };
    });
    const answer = ask(url);
    await upstream.received(1);
    gateway.signal(signal);
    gateway.signal(second);
    await untilRefused(url);
    hold.release();
    expect(await (await answer).json()).toEqual({ data: { job: { qrn: 'qbraid:job:1' } } });
    expect(await gateway.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('ends the gateway at once if it comes again later', async () => {
    const { gateway, upstream, url } = await startGateway(() => 'hang');
    const answer = ask(url);
    await upstream.received(1);
    // The first repeats may be the same key press.
    const repeat = setInterval(() => gateway.signal(signal), 50);
    onTestFinished(() => clearInterval(repeat));
    await expect(answer).rejects.toThrow();
    expect(await gateway.ended).toMatchObject({ code: 128 + constants.signals[signal], stderr: '' });
  });
});

describe('an error that nothing catches', () => {
  test.each([
    ['thrown', 'throw Object.assign(new Error("boom"), { key: "sec" + "ret" })'],
    ['rejected', 'Promise.reject(Object.assign(new Error("boom"), { key: "sec" + "ret" }))'],
  ])('%s is logged without what it carries, and ends the gateway with exit code 1', async (_, fault) => {
    const code = `process.on('SIGUSR2', () => { ${fault}; })`;
    const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
    const { gateway } = await startGateway(() => 'hang', environment);
    gateway.signal('SIGUSR2');
    const ending = await gateway.ended;
    const last = JSON.parse(ending.stdout.trim().split('\n').at(-1) ?? '');
    expect([ending.code, ending.stderr]).toEqual([1, '']);
    expect(last).toMatchObject({
      level: 60,
      err: { message: 'boom', stack: expect.stringContaining('at ') },
    });
    expect(ending.stdout).not.toContain('secret');
  });
});

describe('the gateway', () => {
  test('ends with exit code 1 if a request had to be cut off', async () => {
    const { gateway, upstream, url } = await startGateway(() => 'hang', { SHUTDOWN_TIMEOUT_MS: '50' });
    const answer = ask(url);
    await upstream.received(1);
    gateway.signal('SIGTERM');
    await expect(answer).rejects.toThrow();
    const { code, stdout, stderr } = await gateway.ended;
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/"level":40,.*"requests":1,"msg":"requests were cut off/);
  });

  test('logs JSON to what is no terminal: what is wrong with its variables, each request with its id, and no key', async () => {
    const script: UpstreamScript = ({ path, key }) => {
      if (path.startsWith('/jobs?')) return { status: 500, body: `<html>${key} is a key</html>` };
      return { status: 401, body: { detail: `${key} is not a key` } };
    };
    const { gateway, url } = await startGateway(script, { UPSTREAM_TIMEOUT: '1' });
    const key = 'qbr_secret_1';
    const sessions: [headers: Record<string, string>, body: string][] = [
      [{ 'x-api-key': key }, JSON.stringify({ query: QUERY })],
      [{ 'x-api-key': key }, JSON.stringify({ query: '{ jobs { totalCount } }' })],
      [{ 'x-api-keys': `a=${key}, b=qbr_secret_2` }, JSON.stringify({ query: QUERY })],
      [{ 'x-api-keys': `qbr secret_3=${key}` }, JSON.stringify({ query: QUERY })],
      [{ authorization: `Bearer ${key}` }, JSON.stringify({ query: QUERY })],
      [{ 'x-api-key': key }, JSON.stringify({ query: `{ job(qrn: "${key}") { qrn } }` })],
      [{ 'x-api-key': key }, `{"query": ${key}`],
      [{ 'x-api-key': key }, JSON.stringify({ query: `{ ${key} ` })],
    ];
    for (const [index, [headers, body]] of sessions.entries()) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-request-id': `request-${index}`, ...headers },
        body,
      });
      await response.text();
    }
    await gateway.printed(new RegExp(`"request-${sessions.length - 1}".*"msg":"operation"`));
    gateway.signal('SIGTERM');
    const { stdout, stderr } = await gateway.ended;
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({
      level: 40,
      msg: 'unknown variable UPSTREAM_TIMEOUT: did you mean UPSTREAM_TIMEOUT_MS?',
    });
    const answered = lines.filter(({ msg }) => msg === 'operation');
    expect(answered.map(({ requestId }) => requestId)).toEqual(
      sessions.map((_, index) => `request-${index}`),
    );
    expect(stdout + stderr).not.toContain('secret');
  });

  // What the page is like shows the demo: to load it takes a second.
  test.each<[environment: Record<string, string>, status: number, location: string | null]>([
    [{}, 302, '/graphql'],
    [{ NODE_ENV: 'production' }, 404, null],
  ])('under %j leads browsers to a playground: %i', async (environment, status, location) => {
    const { url } = await startGateway(() => 'hang', environment);
    const init: RequestInit = { headers: { accept: 'text/html,*/*;q=0.8' }, redirect: 'manual' };
    const root = await fetch(new URL('/', url), init);
    expect([root.status, root.headers.get('location')]).toEqual([status, location]);
  });
});

describe('the demo', () => {
  test('prints a playground, keys and commands that work when they are pasted, is open to local pages, and ends on SIGTERM with exit code 0', async () => {
    const demo = runProgram(['demo'], { PORT: '0', SANDBOX_PORT: '0' });
    const [, url = ''] = await demo.printed(/playground: +(\S+)/);
    const [, key = ''] = await demo.printed(/^ +alice +(qbr_\S+)$/m);
    await demo.printed(/^ +qbr_demo_429 +is always answered 429/m);
    const [curl] = await demo.printed(/^curl -s .*$/m);
    const [watching] = await demo.printed(/^curl -sN .*$/m);
    const page = await fetch(url, { headers: { accept: 'text/html' } });
    const jobs = await ask(url, '{ jobs(first: 1) { totalCount } }', key);
    const pasted = await promisify(execFile)('bash', ['-c', curl]);
    expect(await page.text()).toContain(key);
    expect(await jobs.json()).toEqual({ data: { jobs: { totalCount: expect.any(Number) } } });
    expect(JSON.parse(pasted.stdout)).toEqual({
      data: { jobs: { totalCount: expect.any(Number), nodes: Array(3).fill(expect.anything()) } },
    });
    const watched = await promisify(execFile)('bash', ['-c', `${watching} | head -n 4`]);
    expect(watched.stdout).toMatch(
      /^:\n\nevent: next\ndata: {"data":{"jobUpdated":{"status":"\w+","queuePosition":\d+/,
    );
    const headers = { origin: 'http://localhost:5173', 'access-control-request-method': 'POST' };
    const preflight = await fetch(url, { method: 'OPTIONS', headers });
    expect(preflight.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
    demo.signal('SIGTERM');
    expect(await demo.ended).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('the sandbox', () => {
  test('prints its address and its keys, answers them, and ends on SIGTERM with exit code 0', async () => {
    const sandbox = runProgram(['sandbox'], { SANDBOX_PORT: '0' });
    const [, url] = await sandbox.printed(/listens at (\S+)\. /);
    const [, key = ''] = await sandbox.printed(/^ +bob +(qbr_\S+)$/m);
    await sandbox.printed(/^ +qbr_demo_slow +is answered after 5 seconds$/m);
    const response = await fetch(`${url}/jobs?limit=1`, { headers: { 'x-api-key': key } });
    expect(await response.json()).toMatchObject({ success: true, data: [{ jobQrn: expect.any(String) }] });
    sandbox.signal('SIGTERM');
    expect(await sandbox.ended).toMatchObject({ code: 0, stderr: '' });
  });
});

/** The built gateway over an upstream that answers as the script says. Both end with the test. */
async function startGateway(script: UpstreamScript, environment: Readonly<Record<string, string>> = {}) {
  const upstream = await startScriptedUpstream(script);
  onTestFinished(() => upstream.close());
  const gateway: Program = runProgram([], {
    PORT: '0',
    LOG_LEVEL: 'trace',
    QBRAID_API_URL: upstream.url,
    ...environment,
  });
  const [, url = ''] = await gateway.printed(/"url":"([^"]+)"/);
  return { gateway, upstream, url };
}

function ask(url: string, query = QUERY, key = 'alice-key'): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify({ query }),
  });
}

/** Something to wait for, until it is released. */
function createHold() {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { released, release };
}

/** Resolves once nothing listens there any more. */
async function untilRefused(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  for (;;) {
    const socket = connect(Number(port), hostname);
    const isRefused = await once(socket, 'connect').then(
      () => false,
      () => true,
    );
    socket.destroy();
    if (isRefused) return;
  }
}

/** Listens on a port until the test ends. */
async function takePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
