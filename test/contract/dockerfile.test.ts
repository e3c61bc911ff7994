import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import bundle from '../../rolldown.config.ts';
import {
  findEffective,
  findImageFaults,
  type ImageProject,
  isInContext,
  parseDockerfile,
  readExecForm,
} from '../support/dockerfile.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

const { name, description, version, license, engines } = JSON.parse(read('package.json'));

const project: ImageProject = {
  dockerfile: read('Dockerfile'),
  dockerignore: read('.dockerignore'),
  engines: engines.node,
  labels: { title: name, description, version, licenses: license },
  outDir: bundle.output.dir,
  exists: (path) => existsSync(new URL(path, root)),
};

describe('the image', () => {
  test('builds from a clean checkout and runs the built program without privileges', () => {
    expect(findImageFaults(project)).toEqual([]);
  });

  test('has the Node of .nvmrc, under which CI tests the program', () => {
    expect(project.dockerfile).toContain(`\nFROM node:${read('.nvmrc').trim()}-alpine AS base\n`);
  });

  test.each([
    ['node:24-alpine', 'node:18-alpine', ['node:18-alpine has no Node in ^20.19 || ^22.13 || >=24']],
    ['node:24-alpine', 'node:22.12-alpine', ['node:22.12-alpine has no Node in ^20.19 || ^22.13 || >=24']],
    ['COPY src src', 'COPY source src', ['COPY source: not in the build context']],
    ['COPY src src', 'COPY test src', ['COPY test: not in the build context']],
    [/RUN npm run build.*/, '', ['COPY /app/dist: not made by the stage build']],
    ['app/node_modules/', 'app/modules/', ['COPY /app/modules/graphql-sse: not made by the stage build']],
    ['--from=build /app/dist', '--from=base /app/dist', ['COPY /app/dist: not made by the stage base']],
    ['"dist/main.js"', '"dist/src/main.js"', ['does not start the built program']],
    ['CMD ["node", "dist', 'CMD ["npm", "dist', ['does not start the built program']],
    ['USER 1000:1000', 'USER 1000:1000\nUSER root', ['runs as root']],
    ['USER 1000:1000', 'USER 0:0', ['runs as root']],
    ['USER 1000:1000', '', ['runs as root']],
    [/HEALTHCHECK .*\n.*\n/, '', ['has no health check']],
    ['STOPSIGNAL SIGTERM', '', ['is not stopped by SIGTERM']],
    ['STOPSIGNAL SIGTERM', 'STOPSIGNAL SIGKILL', ['is not stopped by SIGTERM']],
    ['"Apache-2.0"', '"MIT"', ['has no label licenses that says Apache-2.0']],
  ])('would be refused with %s → %s', (found, replacement, faults) => {
    const dockerfile = project.dockerfile.replace(found, replacement);
    expect(findImageFaults({ ...project, dockerfile })).toEqual(faults);
  });
});

describe('the build context', () => {
  test.each([
    '.env',
    '.env.local',
    '.git/config',
    'dist/main.js',
    'examples/react-apollo/node_modules/react/package.json',
    'node_modules/graphql/package.json',
    'src/.env',
  ])('does not hold %s', (path) => {
    expect(isInContext(project.dockerignore, path)).toBe(false);
  });

  test('does not hold the tests, but the source', () => {
    expect(isInContext(project.dockerignore, 'test/architecture.test.ts')).toBe(false);
    expect(isInContext(project.dockerignore, 'src/graphql/schema.generated.ts')).toBe(true);
  });

  test.each([
    ['', 'a/b', true],
    ['a', 'a/b', false],
    ['a', 'b/a', true],
    ['*.log', 'a/b.log', true],
    ['**/*.log', 'a/b.log', false],
    ['# a\n\n*\n!a', 'a/b', true],
    ['!a\n*', 'a/b', false],
  ])('under %j decides about %s: %s', (dockerignore, path, expected) => {
    expect(isInContext(dockerignore, path)).toBe(expected);
  });
});

describe('the health check', () => {
  const [program = '', ...args] = readExecForm(
    findEffective(parseDockerfile(project.dockerfile), 'HEALTHCHECK')?.value ?? '',
  );

  test.each([
    [200, 0],
    [503, 1],
  ])('turns a %d of /health into exit code %d', async (status, code) => {
    const { port } = await listen((path) => (path === '/health' ? status : 404));
    expect(await runHealthCheck(port)).toBe(code);
  });

  test('fails where nothing listens', async () => {
    const { port, close } = await listen(() => 200);
    await close();
    expect(await runHealthCheck(port)).toBe(1);
  });

  async function runHealthCheck(port: number): Promise<number> {
    const env = { PATH: process.env['PATH'], PORT: String(port) };
    const run = promisify(execFile)(program, args, { env });
    return run.then(
      () => 0,
      (error) => error.code,
    );
  }
});

/** Serves one status per path until the test ends. */
async function listen(statusOf: (path: string | undefined) => number) {
  const server = createServer((request, response) => response.writeHead(statusOf(request.url)).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  onTestFinished(close);
  return { port: (server.address() as AddressInfo).port, close };
}
