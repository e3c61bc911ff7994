import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createTestGateway } from '../support/create-test-gateway.ts';

const KEYS = [
  { label: 'alice', key: 'alice-key' },
  { label: 'bob', key: 'bob-key' },
];

const decode = { br: brotliDecompressSync, gzip: gunzipSync, identity: (bytes: Buffer) => bytes };

describe.each(['/graphql', '/live-jobs'])('the page at %s', (path) => {
  test('is a small document that browsers ask for again, and fetches only files that they keep', async () => {
    const { get, assetsOf } = await openPages();
    const page = await get(path);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const text = await page.text();
    expect(text.length).toBeLessThan(20_000);
    const assets = assetsOf(text);
    expect(assets.length).toBeGreaterThan(2);
    for (const asset of assets) {
      const response = await get(asset);
      expect([response.status, response.headers.get('cache-control')]).toEqual([
        200,
        'public, max-age=31536000, immutable',
      ]);
      expect(response.headers.get('content-type')).toMatch(/^text\/(javascript|css); charset=utf-8$/);
    }
  });

  test.each(['br', 'gzip', 'identity'] as const)(
    'sends its files as %s to those who take it',
    async (coding) => {
      const { get, assetsOf } = await openPages();
      const [asset = ''] = assetsOf(await (await get(path)).text());
      const plain = await get(asset, { 'accept-encoding': 'identity' });
      const response = await get(asset, { 'accept-encoding': coding });
      expect(response.headers.get('content-encoding')).toBe(coding === 'identity' ? null : coding);
      expect(response.headers.get('vary')).toContain('Accept-Encoding');
      const body = Buffer.from(await response.arrayBuffer());
      expect(decode[coding](body).toString()).toBe(await plain.text());
    },
  );

  test('keeps the addresses of its files as long as they are the same', async () => {
    const [one, other] = [await openPages(), await openPages()];
    const texts = [await (await one.get(path)).text(), await (await other.get(path)).text()];
    const [first, second] = texts.map((text) => one.assetsOf(text));
    expect(first).toEqual(second);
  });

  test('has the first key filled in where keys are known, and none where not', async () => {
    const [known, unknown] = [await openPages(), await openPages([])];
    expect(await (await known.get(path)).text()).toContain('alice-key');
    expect(await (await unknown.get(path)).text()).not.toContain('alice-key');
  });

  test('is not served where there is no playground', async () => {
    const { yoga } = await createTestGateway(() => 'hang');
    const response = await yoga.fetch(`http://gateway${path}`, { headers: { accept: 'text/html' } });
    expect(await response.text()).not.toContain('<html');
  });
});

test('there is nothing at the address of files of another version', async () => {
  const { get } = await openPages();
  for (const path of [
    '/assets/',
    '/assets/playground-0/style.css',
    '/assets/live-jobs-0/../../package.json',
  ]) {
    expect((await get(path)).status).toBe(404);
  }
});

test('a page cannot be ended by what is filled in', async () => {
  const { get } = await openPages([{ label: 'x', key: '"></body><script>alert(1)</script>' }]);
  expect(await (await get('/live-jobs')).text()).not.toContain('"></body>');
});

/** The pages of a gateway, with these keys filled in. */
async function openPages(keys: readonly { label: string; key: string }[] = KEYS) {
  const playground = { keys, variables: {} };
  const { yoga } = await createTestGateway(() => 'hang', {}, undefined, { playground });
  return {
    get: (path: string, headers: Record<string, string> = {}) =>
      yoga.fetch(`http://gateway${path}`, { headers: { accept: 'text/html', ...headers } }),
    assetsOf: (text: string) =>
      [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path),
  };
}
