import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Listens on loopback. Gives the address. */
export async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}`;
}

/** Starts the built gateway over an API at this address. Gives its process, its address, and what ends it. */
export async function startGateway(upstreamUrl, execArgv = [], environment = {}) {
  const program = fork('dist/main.js', [], {
    execArgv,
    env: {
      PATH: process.env.PATH,
      QBRAID_API_URL: upstreamUrl,
      HOST: '127.0.0.1',
      PORT: '0',
      RATE_LIMIT_REQUESTS: '1000000',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let text = '';
  while (!text.includes('gateway listens')) text += (await once(program.stdout, 'data'))[0];
  program.stdout.resume();
  return {
    program,
    url: /"url":"([^"]+)"/.exec(text)[1],
    async end() {
      program.kill('SIGKILL');
      await once(program, 'exit');
    },
  };
}

/** The value below which this share of the sorted values lies: NaN where there is none. */
export const at = (sorted, share) => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
