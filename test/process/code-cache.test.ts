import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { runProgram } from '../support/run-program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Prints of each script whether V8 took the code that the build compiled. */
const TELL_OF_SCRIPTS = `
  import vm from 'node:vm';
  import { basename } from 'node:path';
  vm.Script = class extends vm.Script {
    constructor(source, options) {
      super(source, options);
      const use = { false: 'cached', true: 'rejected' }[this.cachedDataRejected] ?? 'compiled';
      console.error(basename(options.filename) + ' is ' + use);
    }
  };
`;

/** The largest file that is loaded. */
const LARGEST = 'start-gateway.cjs';

test('the program runs the code that the build compiled, wherever it stands', async () => {
  const { scripts } = await start(copyProgram());
  expect(scripts.get(LARGEST)).toBe('cached');
  expect(new Set(scripts.values())).toEqual(new Set(['cached']));
});

test.each<[string, (folder: string) => void]>([
  ['is not there', (folder) => rmSync(cacheIn(folder))],
  ['is broken', (folder) => change(cacheIn(folder), (bytes) => flip(bytes, bytes.length / 2))],
  ['is cut off', (folder) => change(cacheIn(folder), (bytes) => bytes.subarray(0, bytes.length / 2))],
  ['is empty', (folder) => change(cacheIn(folder), () => Buffer.alloc(0))],
  [
    'is of another source of the same length',
    (folder) =>
      change(sourceIn(folder), (bytes) => Buffer.from(bytes.toString().replace('const ', 'let   '))),
  ],
])('a code cache that %s is left alone', async (_, spoil) => {
  const folder = copyProgram();
  spoil(folder);
  const { scripts, health } = await start(folder);
  expect([scripts.get(LARGEST), scripts.get('main.cjs'), health]).toEqual(['compiled', 'cached', 200]);
});

test('an operator may set flags of V8, with which it does not take the cache', async () => {
  const { scripts, health } = await start(copyProgram(), '--stack-trace-limit=50');
  expect([scripts.get(LARGEST), health]).toEqual(['rejected', 200]);
});

test('with source maps, the program is loaded by Node, which reads them', async () => {
  const { scripts, health } = await start(root, '--enable-source-maps');
  expect([[...scripts], health]).toEqual([[], 200]);
});

/** Puts the program elsewhere, with all that it reads at run time in production. */
function copyProgram(): string {
  const folder = mkdtempSync(join(tmpdir(), 'program-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['dist', 'schema.graphql']) {
    cpSync(join(root, name), join(folder, name), {
      recursive: true,
      filter: (path) => !path.endsWith('.map'),
    });
  }
  return folder;
}

const sourceIn = (folder: string) => join(folder, 'dist/chunks', LARGEST);
const cacheIn = (folder: string) => `${sourceIn(folder)}.cache`;

function change(file: string, to: (bytes: Buffer) => Uint8Array): void {
  writeFileSync(file, to(readFileSync(file)));
}

function flip(bytes: Buffer, at: number): Buffer {
  const position = Math.floor(at);
  bytes.writeUInt8(bytes.readUInt8(position) ^ 0xff, position);
  return bytes;
}

/** Starts the program of a folder. Gives what became of each script that it loaded, and the status of its health. */
async function start(folder: string, flags = '') {
  const options = `${flags} --import=data:text/javascript,${encodeURIComponent(TELL_OF_SCRIPTS)}`;
  const program = runProgram([], { PORT: '0', NODE_ENV: 'production', NODE_OPTIONS: options }, folder);
  const [, url = ''] = await program.printed(/"url":"([^"]+)"/);
  const { status } = await fetch(new URL('/health', url));
  program.signal('SIGTERM');
  const { stderr } = await program.ended;
  const scripts = [...stderr.matchAll(/^(\S+) is (\w+)$/gm)].map(
    ([, file = '', use = '']) => [file, use] as const,
  );
  return { scripts: new Map(scripts), health: status };
}
