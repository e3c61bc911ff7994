import { rolldown } from 'rolldown';

/** What the live page takes of `clients/`, by its files in `clients/src/list/`. */
const PARTS = {
  'live-list.ts': 'emptyList',
  'merge-page.ts': 'mergePage',
  'next-cursor.ts': 'nextCursor',
  'recheck.ts': 'recheck',
};

/** The rule of live lists as one script for browsers: `pages/` has no build of its own. */
export async function liveListScript() {
  const entry = Object.entries(PARTS).map(
    ([file, name]) => `export { ${name} } from './clients/src/list/${file}';`,
  );
  const bundle = await rolldown({
    input: 'entry',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'entry' ? id : null),
        load: (id) => (id === 'entry' ? entry.join('\n') : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'esm' });
  return `// @ts-nocheck: clients/ has the types.\n${output[0].code}`;
}
