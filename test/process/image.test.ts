import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CarriedOut, carryOutDockerfile } from '../support/carry-out-dockerfile.ts';
import { runProgram } from '../support/run-program.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** What the system chooses, in place of what the image listens to. */
const ANY_PORT = { HOST: '127.0.0.1', PORT: '0', SANDBOX_PORT: '0' };

describe('what the steps of the Dockerfile make', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'image-'));
  let image: CarriedOut;

  beforeAll(() => {
    image = carryOutDockerfile(project, temporary);
  });
  afterAll(() => rmSync(temporary, { recursive: true }));

  test('holds no packages but the one that browsers get, no source and no source maps', () => {
    const names = readdirSync(image.folder, { recursive: true, encoding: 'utf8' });
    expect(names.filter((name) => /^(src|test|scripts)$|^dist.*\.map$/.test(name))).toEqual([]);
    expect(names.filter((name) => /(^|\/)node_modules\/[^/]*$/.test(name))).toEqual([
      'node_modules/graphql-sse',
    ]);
  });

  test('is a gateway that is ready, and ends on SIGTERM', async () => {
    const program = runProgram([], { ...image.environment, ...ANY_PORT }, image.folder);
    const [, url = ''] = await program.printed(/"url":"([^"]+)\/graphql".*"msg":"gateway listens"/);
    expect((await fetch(`${url}/ready`)).status).toBe(200);
    program.signal('SIGTERM');
    expect((await program.ended).code).toBe(0);
  });

  test('is a sandbox', async () => {
    const program = runProgram(['sandbox'], { ...image.environment, ...ANY_PORT }, image.folder);
    const [, url = ''] = await program.printed(/listens at (\S+)\. /);
    expect((await fetch(`${url}/jobs`)).status).toBe(401);
  });

  test('is a demo, with what it hands to browsers', async () => {
    const program = runProgram(['demo'], { ...image.environment, ...ANY_PORT }, image.folder);
    const [, url = ''] = await program.printed(/(http:\/\/[^\s/]+)\/graphql/);
    expect((await fetch(`${url}/live-jobs`)).status).toBe(200);
  });
});
