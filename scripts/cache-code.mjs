// Ends the build: runs the built program until it has answered, and keeps the code that V8 compiled for that beside it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Goes the whole way of a request. What else is compiled here makes each start longer. */
const QUERY = '{ job(qrn: "qbraid:job:1") { qrn name status } }';

/** Is the program: once it is told to, it writes its code caches and ends. */
function runProgram() {
  const { createCaches } = createRequire(import.meta.url)('../dist/main.js');
  process.once('message', () => {
    for (const [file, cache] of createCaches()) writeFileSync(file, cache);
    process.exit();
  });
}

/** A fleet whose server is not there: what a replica loads is compiled, too. */
const FLEET = {
  REDIS_URL: 'redis://127.0.0.1:1',
  FLEET_SECRET: 'no secret since nothing is sent with it',
  FLEET_SIZE: '1',
};

async function driveProgram() {
  const job = { jobQrn: 'qbraid:job:1', status: 'RUNNING' };
  const upstream = createServer((_, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ success: true, data: job }));
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const program = fork(fileURLToPath(import.meta.url), [], {
    env: {
      PORT: '0',
      QBRAID_API_URL: `http://127.0.0.1:${upstream.address().port}`,
      NODE_ENV: 'production',
      ...FLEET,
    },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const [, url] = await findInOutput(program, /"url":"([^"]+)"/);
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'a-key' },
    body: JSON.stringify({ query: QUERY }),
  });
  const { errors } = await answer.json();
  if (errors !== undefined) throw new Error(`The built program does not answer: ${JSON.stringify(errors)}`);
  program.send('end');
  const [code] = await once(program, 'exit');
  upstream.close();
  upstream.closeAllConnections();
  if (code !== 0) throw new Error(`The built program ended with exit code ${code}.`);
}

async function findInOutput({ stdout }, pattern) {
  let text = '';
  for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
    text += chunk;
    const match = pattern.exec(text);
    if (match === null) continue;
    stdout.resume();
    return match;
  }
  throw new Error(`The built program ended without printing ${pattern}:\n${text}`);
}

if (process.send === undefined) await driveProgram();
else runProgram();
