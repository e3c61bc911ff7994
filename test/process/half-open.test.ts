import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openStreamAt } from '../support/event-stream.ts';
import { aJob } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';
import { runProgram } from '../support/run-program.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { untilAsked } from '../support/until-asked.ts';

const KEEPALIVE_MS = 500;
/** The system sends again for three seconds before the gateway takes a client for gone. The rest is for slow machines. */
const SENDING_AGAIN_MS = 8000;
const NAMESPACE = 'half-open';
const [HERE, THERE] = ['10.213.77.1', '10.213.77.2'];

const isPossible = canMakeNetworks();

describe.skipIf(!isPossible)(
  `a client that vanishes${isPossible ? '' : ' (skipped: no networks of our own)'}`,
  () => {
    test('without a goodbye is asked for no more after two signs of life and a few seconds', async () => {
      const lists = { 'alice-key': [aJob('a:1')], 'bob-key': [aJob('b:1')] };
      const upstream = await startScriptedUpstream(jobService(lists));
      onTestFinished(() => upstream.close());
      makeNetwork();
      const gateway = runProgram([], {
        HOST: HERE,
        PORT: '0',
        QBRAID_API_URL: upstream.url,
        WATCH_MIN_INTERVAL_MS: '100',
        WATCH_MAX_INTERVAL_MS: '100',
        SSE_KEEPALIVE_MS: String(KEEPALIVE_MS),
        RATE_LIMIT_REQUESTS: '1000000',
      });
      const [, url = ''] = await gateway.printed(/"url":"([^"]+)"/);
      await subscribeFromThere(url);
      ip('-n', NAMESPACE, 'route', 'add', 'blackhole', `${HERE}/32`);
      const vanishedAtMs = Date.now();
      const other = await openStreamAt(url, 'subscription { jobUpdated(qrns: ["b:1"]) { qrn } }', {
        key: 'bob-key',
      });
      await other.next();
      while ((await untilAsked(upstream, 'bob-key', 5, 'alice-key')) > 0);
      expect(Date.now() - vanishedAtMs).toBeLessThan(2 * KEEPALIVE_MS + SENDING_AGAIN_MS);
    });
  },
);

/** Opens a stream from the other network, and waits for its first event. */
async function subscribeFromThere(url: string): Promise<void> {
  const body = JSON.stringify({ query: 'subscription { jobUpdated(qrns: ["a:1"]) { qrn } }' });
  const headers = {
    'content-type': 'application/json',
    accept: 'text/event-stream',
    'x-api-key': 'alice-key',
  };
  const program = `
    const response = await fetch(${JSON.stringify(url)}, ${JSON.stringify({ method: 'POST', headers, body })});
    for await (const chunk of response.body) process.stdout.write(chunk);
  `;
  const args = ['netns', 'exec', NAMESPACE, process.execPath, '--input-type=module', '-e', program];
  const client = spawn('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void client.kill('SIGKILL'));
  let text = '';
  while (!text.includes('a:1')) [text] = (await once(client.stdout.setEncoding('utf8'), 'data')) as [string];
}

function makeNetwork(): void {
  ip('netns', 'add', NAMESPACE);
  onTestFinished(() => ip('netns', 'delete', NAMESPACE));
  ip('link', 'add', 'half0', 'type', 'veth', 'peer', 'name', 'half1', 'netns', NAMESPACE);
  // The other network lives on for as long as a connection in it does.
  onTestFinished(() => ip('link', 'delete', 'half0'));
  ip('address', 'add', `${HERE}/24`, 'dev', 'half0');
  ip('link', 'set', 'half0', 'up');
  ip('-n', NAMESPACE, 'address', 'add', `${THERE}/24`, 'dev', 'half1');
  ip('-n', NAMESPACE, 'link', 'set', 'half1', 'up');
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function canMakeNetworks(): boolean {
  try {
    ip('netns', 'add', `${NAMESPACE}-try`);
    ip('netns', 'delete', `${NAMESPACE}-try`);
    return true;
  } catch {
    return false;
  }
}
