import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { aJob } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';
import { startNode } from '../support/run-program.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { sendOperation } from '../support/send-operation.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const KEY = 'qbr_secret_1';
const JOBS = Array.from({ length: 30 }, (_, index) => aJob(`qbraid:job:${index}`));

/** A gateway that asks upstream each time, on however busy a machine. */
const ALWAYS_ASKING = {
  RATE_LIMIT_REQUESTS: '1000000',
  FRESH_ACTIVE_MS: '0',
  MAX_EVENT_LOOP_DELAY_MS: '60000',
};

/** After so many collections of the young generation V8 would have learned of objects that live for long. */
const COLLECTED = /gateway listens(.*?Scavenge){5}/s;

test('V8 allocates nothing of a request in the old generation, whatever lived for long before', async () => {
  const upstream = await startScriptedUpstream(jobService({ [KEY]: JOBS }));
  onTestFinished(() => upstream.close());
  const program = startNode(
    ['--trace-gc', '--trace-pretenuring-statistics', 'dist/main.js'],
    { ...ALWAYS_ASKING, PORT: '0', QBRAID_API_URL: upstream.url },
    root,
  );
  onTestFinished(() => program.signal('SIGKILL'));
  const [, url = ''] = await program.printed(/"url":"([^"]+)"/);
  // Until a key is known to be good, only a few requests of its sender wait.
  await askFor(url, 'qbraid:job:0');

  let hasCollected = false;
  void program.printed(COLLECTED).then(() => {
    hasCollected = true;
  });
  while (!hasCollected) await Promise.all(JOBS.map(({ jobQrn }) => askFor(url, jobQrn)));

  program.signal('SIGTERM');
  const { stdout } = await program.ended;
  expect(stdout.match(/pretenuring: AllocationSite.*/g)).toBeNull();
});

async function askFor(url: string, qrn: string): Promise<void> {
  const answer = await sendOperation(url, KEY, `{ job(qrn: "${qrn}") { qrn } }`);
  expect(answer).toEqual({ data: { job: { qrn } } });
}
