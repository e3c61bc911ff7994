import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** A folder of somebody who has installed the package, with what the page shows. It lies outside of the project. */
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontend-'));
  await write('package.json', '{ "type": "module" }');
  await link(PROJECT, 'qbraid-graphql-gateway');
  for (const name of ['vitest', 'graphql', 'typescript', '@types/node']) {
    await link(join(PROJECT, 'node_modules', name), name);
  }
  const page = await readFile(join(PROJECT, 'docs/testing-your-frontend.md'), 'utf8');
  for (const [, path = '', text = ''] of page.matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```$/gms))
    await write(path, text);
});
afterAll(() => rm(folder, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

async function link(target: string, name: string): Promise<void> {
  const path = join(folder, 'node_modules', name);
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path);
}

const runNode = (...args: string[]) => run(process.execPath, args, { cwd: folder });

/** What the compiler has against these files. */
async function findTypeErrors(files: readonly string[], ...options: string[]): Promise<string> {
  const always = ['--noEmit', '--strict', '--target', 'ES2023', '--lib', 'ES2023'];
  const compiling = runNode('node_modules/typescript/bin/tsc', ...always, ...options, ...files);
  return compiling.then(
    () => '',
    ({ stdout }) => stdout,
  );
}

describe('the exported sandbox', () => {
  const use = `
    const sandbox = await startSandbox({ jobsPerKey: 3, clock: () => 1_700_000_000_000 });
    const headers = { 'x-api-key': sandbox.keys[0].key };
    const response = await fetch(sandbox.url + '/jobs', { headers });
    console.log((await response.json()).pagination.total, sandbox.faultKeys.map(({ label }) => label).join());
    await sandbox.close();`;

  test.each([
    ['a module', 'use.mjs', `import { startSandbox } from 'qbraid-graphql-gateway/sandbox';${use}`],
    [
      'a script',
      'use.cjs',
      `const { startSandbox } = require('qbraid-graphql-gateway/sandbox'); (async () => {${use}})();`,
    ],
  ])('answers %s', async (_what, file, text) => {
    await write(file, text);
    expect(await runNode(file)).toEqual({ stdout: '3 429,503,slow,revoked\n', stderr: '' });
  });

  test('has types', async () => {
    await write(
      'types.ts',
      `import { type RateLimit, type SandboxKey, type SandboxServer, startSandbox } from 'qbraid-graphql-gateway/sandbox';
      const keys: SandboxKey[] = [{ label: 'dana', key: 'qbr_dana', user: 'dana', team: null }];
      const rateLimit: RateLimit = { requests: 10, windowMs: 1000 };
      const sandbox: SandboxServer = await startSandbox({ seed: 2, shape: 'recorded', keys, rateLimit, slowMs: 10 });
      const effects: string[] = sandbox.faultKeys.map(({ effect }) => effect);
      // @ts-expect-error: there is no such shape.
      await startSandbox({ shape: 'round' });
      // @ts-expect-error: nor such an option.
      await startSandbox({ seeds: 1 });
      export { effects };`,
    );
    // Whoever uses it need not have the types of Node.
    const options = ['--module', 'NodeNext', '--typeRoots', 'none'];
    expect(await findTypeErrors(['types.ts'], ...options)).toBe('');
  });
});

// Playwright and MSW are not installed here: what needs them was tried by hand.
describe('the page about testing a frontend', () => {
  test('shows code that compiles as bundlers take it', async () => {
    const files = ['test/start-backend.ts', 'test/team.test.ts', 'mocks/answer-operation.ts'];
    const options = [
      '--module',
      'ESNext',
      '--moduleResolution',
      'Bundler',
      '--allowImportingTsExtensions',
      '--skipLibCheck',
      '--types',
      'node',
    ];
    expect(await findTypeErrors(files, ...options)).toBe('');
  });

  test('shows a test of a team that passes, and mocks that the schema allows', async () => {
    await write(
      'test/mocks.test.ts',
      `import { expect, test } from 'vitest';
      import { answerOperation } from '../mocks/answer-operation.ts';
      const query = \`query ($qrn: String!) {
        job(qrn: $qrn) { id qrn name status tags isTerminal keys }
        jobs { totalCount nodes { qrn } edges { cursor node { name } } pageInfo { hasNextPage endCursor } sources { key totalCount } }
      }\`;
      test('answers', async () => {
        const { data, errors } = await answerOperation(query, { qrn: 'qbraid:job:7' });
        expect(errors).toBeUndefined();
        expect(data).toMatchObject({ job: { qrn: 'qbraid:job:7' }, jobs: { totalCount: 1, nodes: [{ qrn: 'qbraid:job:1' }] } });
        expect(await answerOperation('{ jobs { size } }')).toMatchObject({ errors: [{}] });
      });`,
    );
    const { stdout } = await runNode(
      'node_modules/vitest/vitest.mjs',
      'run',
      'test/team.test.ts',
      'test/mocks.test.ts',
    );
    expect(stdout).toMatch(/Tests .*2 passed/);
  });
});
