import { expect, onTestFinished, test } from 'vitest';
import { openStreamAt } from '../support/event-stream.ts';
import { aJob } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';
import { runProgram } from '../support/run-program.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { writeKeyRings } from '../support/write-key-rings.ts';

const [FIRST, SECOND] = ['secret-token-of-team-1', 'secret-token-of-team-2'];
const QUERY = '{ job(qrn: "a:1") { name } }';
const SUBSCRIPTION = 'subscription { jobUpdated(qrns: ["a:1"]) { name } }';

/** The built gateway with two key rings, of Alice and of Bob. */
async function start() {
  const lists = {
    'secret-alice': [aJob('a:1', { name: 'alice' })],
    'secret-bob': [aJob('a:1', { name: 'bob' })],
  };
  const upstream = await startScriptedUpstream(jobService(lists));
  onTestFinished(() => upstream.close());
  const file = writeKeyRings({ [FIRST]: { alice: 'secret-alice' }, [SECOND]: { bob: 'env:BOB_KEY' } });
  const program = runProgram([], {
    PORT: '0',
    QBRAID_API_URL: upstream.url,
    KEYRINGS_FILE: file.path,
    BOB_KEY: 'secret-bob',
  });
  const [, url = ''] = await program.printed(/"url":"([^"]+)"/);
  const headersOf = (token: string) => ({ authorization: `Bearer ${token}` });
  return {
    file,
    program,
    /** The name of the job that a token sees, or the code of the error. */
    async ask(token: string) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headersOf(token) },
        body: JSON.stringify({ query: QUERY }),
      });
      const { data, errors } = await response.json();
      return errors === undefined ? data.job.name : errors[0].extensions.code;
    },
    watch: (token: string) => openStreamAt(url, SUBSCRIPTION, { key: null, headers: headersOf(token) }),
  };
}

test('SIGHUP withdraws a token at once, with its answers and its streams, and leaves the others', async () => {
  const { file, program, ask, watch } = await start();
  const streams = await Promise.all([watch(FIRST), watch(SECOND)]);
  for (const stream of streams) await stream.next();
  for (let times = 0; times < 3; times += 1)
    expect([await ask(FIRST), await ask(SECOND)]).toEqual(['alice', 'bob']);

  file.write({ [SECOND]: { bob: 'env:BOB_KEY' } });
  program.signal('SIGHUP');
  await program.printed(/"keyRings":1,"withdrawn":\["team-1"\]/);

  expect([await ask(FIRST), await ask(SECOND)]).toEqual(['UNAUTHENTICATED', 'bob']);
  expect(await streams[0]?.rest()).toEqual([]);
  streams[1]?.cut();
  program.signal('SIGTERM');
  const { code, stdout, stderr } = await program.ended;
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).not.toContain('secret');
});

test('SIGHUP with a broken file leaves all rings, and logs one error without what stands in it', async () => {
  const { file, program, ask } = await start();
  file.writeText('[{ "tokenSha256": "secret", "keys": { "secret label": "secret key" } }]');
  program.signal('SIGHUP');
  await program.printed(/KEYRINGS_FILE has 3 fault\(s\)/);
  expect([await ask(FIRST), await ask(SECOND)]).toEqual(['alice', 'bob']);
  program.signal('SIGTERM');
  const { stdout } = await program.ended;
  expect(stdout.match(/"level":50/g)).toHaveLength(1);
  expect(stdout).not.toContain('secret');
});

test('a file with faults ends the start, with all of them by their positions', async () => {
  const file = writeKeyRings({
    [FIRST]: { alice: 'env:NO_KEY' },
    [SECOND]: { 'secret label': 'secret key' },
  });
  expect(await runProgram([], { PORT: '0', KEYRINGS_FILE: file.path }).ended).toEqual({
    code: 1,
    stdout: '',
    stderr: `KEYRINGS_FILE has 3 fault(s):
  ring 1, key 1: the variable that env: names is not set
  ring 2, key 1: the label must be 1 to 32 of A-Z a-z 0-9 _ -
  ring 2, key 1: the key must be 1 to 512 of A-Z a-z 0-9 - . _ ~ + /, with = only at its end
`,
  });
});

test('without key rings SIGHUP ends the program, as it does with others', async () => {
  const program = runProgram([], { PORT: '0', QBRAID_API_URL: 'http://127.0.0.1:1' });
  await program.printed(/gateway listens/);
  program.signal('SIGHUP');
  expect((await program.ended).code).toBeNull();
});
