import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Page } from './page.ts';
import type { Playground } from './playground.ts';

/** The live page: the jobs of a key as they move. */
export function createLivePage({ keys }: Playground): Page {
  return new Page({
    name: 'live-jobs',
    data: { keys: keys[0]?.key ?? '' },
    allow: ["style-src 'self'"],
    loadPackages: async () => ({ 'graphql-sse.js': readSseClient() }),
  });
}

/** The client for event streams, as browsers load it. Packages may not be told to hand out this file. */
function readSseClient(): string {
  const manifest = createRequire(import.meta.url).resolve('graphql-sse/package.json');
  return readFileSync(manifest.replace(/[^/\\]+$/, 'umd/graphql-sse.min.js'), 'utf8');
}
