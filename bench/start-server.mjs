import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcess, startNode } from './child-process.mjs';
import { findFreePort } from './free-port.mjs';
import { PROBE_ARGS } from './process-cost.mjs';

const START_MS = 20_000;

/** Starts a server over the upstream at this address, and waits until it listens. */
export async function startServer({ args, env, hasLog = false, hasTraces = false }, upstreamUrl) {
  const port = await findFreePort();
  const folder = hasLog ? mkdtempSync(join(tmpdir(), 'gateway-bench-')) : null;
  const child = startNode([...PROBE_ARGS, ...args], {
    cores: 'server',
    // In development, GraphQL.js and Apollo do more than they do in production.
    env: {
      NODE_ENV: 'production',
      PORT: String(port),
      QBRAID_API_URL: upstreamUrl,
      ...(hasTraces ? { OTEL_EXPORTER_OTLP_ENDPOINT: upstreamUrl } : {}),
      ...env,
    },
    stdout: folder === null ? 'inherit' : openSync(join(folder, 'log'), 'w'),
  });
  // A server that ends by itself would else only be missed.
  const tell = (code, signal) => console.error(`${child.spawnargs.join(' ')} ended with ${code ?? signal}`);
  child.once('exit', tell);
  await waitUntilListens(child, port);
  return {
    child,
    port,
    async end() {
      child.off('exit', tell);
      await endProcess(child);
      if (folder !== null) rmSync(folder, { recursive: true });
    },
  };
}

async function waitUntilListens(child, port) {
  const endMs = performance.now() + START_MS;
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`${child.spawnargs.join(' ')} ended with ${child.exitCode}`);
    if (performance.now() > endMs) throw new Error(`${child.spawnargs.join(' ')} does not listen`);
    await sleep(20);
  }
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
