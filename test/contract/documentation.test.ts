import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const pages = [
  '',
  'docs',
  'clients',
  'bench',
  'deploy/redis',
  ...foldersIn('examples'),
  ...foldersIn('src'),
  'test/support',
].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

/** The folders of a folder, at any depth, without installed packages. */
function foldersIn(folder: string): string[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  const within = entries.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules');
  return [folder, ...within.flatMap(({ name }) => foldersIn(join(folder, name)))];
}

/** What of a page links may lead to: its headings, as GitHub names them. */
function anchorsOf(text: string): string[] {
  const headings = text.replaceAll(/^```.*?^```/gms, '').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The links of a page that lead to nothing within the repository. */
function findDeadLinks(page: string, text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(ROOT, file))) return true;
    return anchor !== undefined && !anchorsOf(file === page ? text : read(file)).includes(anchor);
  });
}

describe('the documentation', () => {
  test.each(pages)('%s has no dead links', (page) => {
    expect(findDeadLinks(page, read(page))).toEqual([]);
  });

  test('is found from the README, page by page', () => {
    const readme = read('README.md');
    const hidden = pages.filter((page) => page.startsWith('docs/') && !readme.includes(`(${page})`));
    expect(hidden).toEqual([]);
  });

  test('tells in the changelog and in the guide to deploying of the version that this is', () => {
    const { version } = JSON.parse(read('package.json'));
    expect(read('CHANGELOG.md')).toMatch(new RegExp(`^## \\[${version}\\] - \\d{4}-\\d\\d-\\d\\d$`, 'm'));
    expect(read('docs/deploying.md')).toContain(`?ref=v${version}\n`);
    expect(read('docs/deploying.md')).toContain(`newTag: ${version}\n`);
  });
});

test('dead links are those to no file, and to no heading', () => {
  const text =
    '# A `heading`, here\n[a](#a-heading-here) [b](#no) [c](no.md) [d](keys.md#keys) [e](keys.md#no)';
  expect(findDeadLinks('docs/live.md', text)).toEqual(['#no', 'no.md', 'keys.md#no']);
});
