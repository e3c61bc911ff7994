// Builds the program at each change, and starts it anew: the demo, or the command that is given (`npm run dev gateway`).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { watch } from 'rolldown';
import { loadConfig } from 'rolldown/config';

const [command = 'demo'] = process.argv.slice(2);

/** What the program reads when it starts, beside what is built. */
const READ = [
  'schema.graphql',
  ...readdirSync('examples/operations').map((name) => `examples/operations/${name}`),
];

let program = null;

/** Ends the program in order. */
async function end() {
  if (program === null || program.exitCode !== null || program.signalCode !== null) return;
  const ended = once(program, 'exit');
  program.kill('SIGTERM');
  await ended;
}

async function restart() {
  await end();
  program = spawn(process.execPath, ['--enable-source-maps', 'dist/main.js', command], { stdio: 'inherit' });
}

const config = await loadConfig('rolldown.config.ts');
const watcher = watch({
  ...config,
  // A part that is loaded late must still be there while the next build is written.
  output: { ...config.output, cleanDir: false },
  plugins: [
    ...config.plugins,
    {
      name: 'files that are read',
      buildStart() {
        for (const file of READ) this.addWatchFile(file);
      },
    },
  ],
});

/** Restarts wait for each other, so that only one program runs. */
let turn = Promise.resolve();

watcher.on('event', async (event) => {
  if (event.code === 'ERROR') console.error(event.error.message);
  if (event.code === 'END') turn = turn.then(restart);
  if (event.code === 'BUNDLE_END') await event.result.close();
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, async () => {
    await watcher.close();
    await turn.then(end);
    process.exit();
  });
}
