import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@redis/client';
import { findSteadyPort } from './find-steady-port.ts';

const ACL_FILE = fileURLToPath(new URL('../../deploy/redis/users.acl', import.meta.url));

const PASSWORD = 'replace-this-password';

/** Tests use it to do what the gateway's user may not. */
const ADMIN = 'user admin on >admin ~* &* +@all\n';

/** A server of the tests' own, under the users of `deploy/redis/users.acl`. */
export interface RedisServer {
  /** For the gateway's user, over TCP. */
  readonly url: string;
  /** The same over a Unix socket. */
  readonly socketUrl: string;
  /** Runs a command as a user who may do all. */
  run(...command: string[]): Promise<unknown>;
  /** Lets the process stand still, with all connections open. */
  pause(): void;
  resume(): void;
  /** Ends the process. All data is lost. */
  kill(): Promise<void>;
  /** Starts it again at the same place. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Whether there is a server to start. Throws where there has to be one: `REQUIRE_REDIS=1`. */
export function hasRedisServer(): boolean {
  const isThere = spawnSync('redis-server', ['--version']).status === 0;
  if (!isThere && process.env['REQUIRE_REDIS'] === '1') throw new Error('redis-server is not installed.');
  return isThere;
}

/** Starts a server without data, which counts as one that has run for long. */
export async function startRedisServer(): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'redis-'));
  const [socket, aclFile] = [join(folder, 'redis.sock'), join(folder, 'users.acl')];
  writeFileSync(aclFile, readFileSync(ACL_FILE, 'utf8') + ADMIN);
  const port = await findSteadyPort();
  const admin = createClient({
    username: 'admin',
    password: 'admin',
    socket: { path: socket, reconnectStrategy: 10 },
  });
  admin.on('error', () => {});
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--unixsocket', socket, '--dir', folder];
  const options = [...args, '--save', '', '--aclfile', aclFile, '--maxmemory-policy', 'volatile-ttl'];
  let child: ChildProcess;

  async function start(): Promise<void> {
    child = spawn('redis-server', options, { stdio: 'ignore' });
    // It tries again and again, and tells of each error.
    const ready = new Promise<void>((resolve) => void admin.once('ready', resolve));
    if (!admin.isOpen) await admin.connect();
    await ready;
  }

  async function kill(): Promise<void> {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  await start();
  // A server that has run for long: one that is new rests for a while.
  await admin.set('qgg1:alive', '0_long-ago');
  return {
    url: `redis://qbraid-gateway:${PASSWORD}@127.0.0.1:${port}`,
    socketUrl: `unix://qbraid-gateway:${PASSWORD}@${socket}`,
    run: (...command) => admin.sendCommand(command),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill,
    start,
    async close() {
      admin.destroy();
      if (child.exitCode === null && child.signalCode === null) await kill();
      rmSync(folder, { recursive: true });
    },
  };
}
