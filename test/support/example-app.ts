import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { demoKeys } from '../../src/sandbox/sandbox-keys.ts';
import { type SandboxServer, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { startProgram } from './run-program.ts';

/** How many times as fast as the world the sandbox runs: one or two jobs come each second. */
const PACE = 60;

/** So many requests as a hurried test needs. */
const PLENTY = 1_000_000;

/** An example app, built and served as its README says, over the built gateway and a sandbox in a hurry. */
export interface ExampleApp {
  /** The address of the app. */
  readonly url: string;
  /** Has the sandbox stand still, so that the truth does not change while it is compared. */
  stopTime(): void;
  startTime(): void;
  /** What the gateway answers to these `X-API-KEYS`. Throws if the answer has errors. */
  ask<Data>(keys: string, query: string, variables?: object): Promise<Data>;
  close(): Promise<void>;
}

/** Starts `examples/<folder>`. Whoever starts it closes it. */
export async function startExampleApp(folder: string): Promise<ExampleApp> {
  const gateway = await startExampleGateway();
  const page = await servePage(folder, gateway.url);
  return {
    ...gateway,
    url: page.url,
    async close() {
      page.close();
      await gateway.close();
    },
  };
}

/** The same without a page: its URL is that of GraphQL. Whoever starts it closes it. */
export async function startExampleGateway(): Promise<ExampleApp> {
  const time = createHurry();
  const sandbox = await startSandbox({
    clock: time.now,
    jobsPerKey: 50,
    rateLimit: { requests: PLENTY, windowMs: 900_000 },
  });
  const gateway = startProgram([], environmentOver(sandbox));
  const [, url = ''] = await gateway.printed(/"url":"([^"]+)"/);
  return {
    url,
    stopTime: time.stop,
    startTime: time.start,
    async ask<Data>(keys: string, query: string, variables: object = {}) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-keys': keys },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
      if (errors !== undefined)
        throw new Error(`The gateway answered with errors: ${JSON.stringify(errors)}`);
      return data;
    },
    async close() {
      gateway.signal('SIGKILL');
      await sandbox.close();
    },
  };
}

/** The keys of the sandbox by their labels, as `X-API-KEYS` has them. */
export function keysOf(...labels: readonly string[]): string {
  const keys = demoKeys.filter(({ label }) => labels.includes(label));
  return keys.map(({ label, key }) => `${label}=${key}`).join(', ');
}

/** A clock that runs fast, and that may stand still. */
function createHurry() {
  let sandboxMs = Date.now();
  let sinceMs: number | null = sandboxMs;
  const now = () => sandboxMs + (sinceMs === null ? 0 : (Date.now() - sinceMs) * PACE);
  return {
    now,
    stop() {
      sandboxMs = now();
      sinceMs = null;
    },
    start() {
      sandboxMs = now();
      sinceMs = Date.now();
    },
  };
}

function environmentOver({ url }: SandboxServer) {
  return {
    PORT: '0',
    QBRAID_API_URL: url,
    ENABLE_MUTATIONS: 'true',
    FRESH_ACTIVE_MS: '100',
    WATCH_MIN_INTERVAL_MS: '200',
    WATCH_MAX_INTERVAL_MS: '200',
    RATE_LIMIT_REQUESTS: String(PLENTY),
  };
}

/** Runs `npm run preview` without npm, which would not pass a signal on. */
async function servePage(folder: string, gatewayUrl: string): Promise<{ url: string; close(): void }> {
  const child = spawn(
    process.execPath,
    ['node_modules/vite/bin/vite.js', 'preview', '--host', '127.0.0.1', '--port', '0'],
    {
      cwd: `examples/${folder}`,
      env: { PATH: process.env['PATH'], GATEWAY_URL: new URL(gatewayUrl).origin, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  child.stdout.setEncoding('utf8');
  let output = '';
  for (;;) {
    const [text] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown];
    if (typeof text !== 'string') throw new Error(`The preview of ${folder} ended:\n${output}`);
    output += text;
    const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(output)?.[0];
    if (url !== undefined) return { url, close: () => void child.kill('SIGKILL') };
  }
}
