import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  findCircles,
  findForbiddenImports,
  findLayerCircles,
  type LayerTable,
  readImports,
  type SourceTree,
} from './support/import-graph.ts';
import {
  findBarrels,
  findModuleLevelLets,
  findModuleLevelTables,
  findProcessUses,
  findReadmeFaults,
  findVagueNames,
} from './support/source-rules.ts';

const layers: LayerTable = {
  'lib/': [],
  'config/': ['lib/'],
  'auth/': ['lib/'],
  'upstream/': ['lib/', 'config/', 'auth/'],
  'jobs/': ['lib/', 'auth/', 'upstream/'],
  'store/': ['lib/', 'auth/', 'upstream/', 'jobs/', 'store/cache/', 'store/admission/'],
  'store/cache/': ['lib/', 'upstream/', 'jobs/'],
  'store/admission/': ['lib/', 'auth/', 'upstream/', 'jobs/'],
  'paging/': ['lib/', 'auth/', 'upstream/', 'jobs/', 'paging/list/', 'paging/merge/'],
  'paging/list/': ['lib/', 'upstream/', 'jobs/'],
  'paging/merge/': ['lib/', 'auth/', 'upstream/', 'jobs/', 'paging/list/'],
  'live/': ['lib/', 'auth/', 'upstream/ (types)', 'jobs/', 'store/', 'store/admission/', 'paging/ (types)'],
  'fleet/': [
    'lib/',
    'config/ (types)',
    'auth/',
    'upstream/',
    'jobs/',
    'store/',
    'store/admission/',
    'store/cache/ (types)',
  ],
  'fleet/redis/': ['lib/', 'fleet/ (types)', 'fleet/redis/scripts/'],
  'fleet/redis/scripts/': [],
  'fleet/connect-fleet.ts': [
    'lib/',
    'config/ (types)',
    'store/',
    'store/admission/',
    'fleet/',
    'fleet/redis/',
  ],
  'graphql/': [
    'lib/',
    'auth/',
    'upstream/ (types)',
    'jobs/',
    'store/',
    'store/admission/',
    'paging/',
    'live/',
  ],
  'graphql/plan/': ['upstream/ (types)', 'graphql/'],
  'server/': [
    'lib/',
    'config/',
    'auth/',
    'upstream/',
    'store/',
    'fleet/connect-fleet.ts',
    'live/',
    'graphql/',
    'server/clients/',
    'server/documents/',
    'server/http/',
    'server/lane/',
    'server/lifecycle/',
    'server/metrics/',
    'server/pages/',
    'server/plugins/',
    'server/records/',
    'server/streams/',
    'server/tracing/',
  ],
  'server/clients/': ['lib/', 'auth/'],
  'server/documents/': ['lib/', 'config/', 'auth/', 'paging/', 'graphql/', 'server/http/'],
  'server/http/': ['lib/', 'config/', 'graphql/', 'server/records/'],
  'server/lane/': [
    'lib/',
    'config/ (types)',
    'auth/',
    'jobs/ (types)',
    'store/ (types)',
    'live/',
    'graphql/',
    'graphql/plan/',
    'server/clients/',
    'server/documents/',
    'server/http/',
    'server/lifecycle/',
    'server/records/',
    'server/streams/',
  ],
  'server/lifecycle/': ['lib/', 'config/ (types)'],
  'server/metrics/': [
    'lib/',
    'config/',
    'upstream/ (types)',
    'store/ (types)',
    'fleet/connect-fleet.ts (types)',
    'server/lifecycle/',
    'server/records/',
  ],
  'server/pages/': ['lib/'],
  'server/plugins/': [
    'lib/',
    'config/',
    'auth/',
    'graphql/',
    'server/clients/',
    'server/documents/',
    'server/http/',
    'server/lane/',
    'server/lifecycle/',
    'server/pages/',
    'server/records/',
    'server/streams/',
  ],
  'server/records/': [
    'lib/',
    'config/ (types)',
    'auth/',
    'upstream/ (types)',
    'store/ (types)',
    'graphql/',
    'server/clients/',
  ],
  'server/streams/': ['lib/', 'auth/ (types)'],
  'server/tracing/': ['lib/'],
  'sandbox/': ['lib/', 'upstream/ (types)'],
  'demo/': ['lib/', 'config/', 'sandbox/', 'server/', 'server/pages/'],
  'main.ts': ['lib/', 'config/', 'server/', 'server/tracing/', 'sandbox/', 'demo/'],
  'launch.ts': ['main.ts'],
};

const rules: [string, (tree: SourceTree) => string[]][] = [
  ['imports only what the layer table allows', (tree) => findForbiddenImports(tree, layers)],
  ['has no circle of imports', findCircles],
  ['has no barrel files', findBarrels],
  ['has no files or folders called utils, helpers or common', findVagueNames],
  ['keeps no module-level variables', findModuleLevelLets],
  ['fills no tables of a module', findModuleLevelTables],
  ['touches process in main.ts and launch.ts only', findProcessUses],
  ['explains each folder in a README of at most ten lines', findReadmeFaults],
];

function readSourceTree(root: string): SourceTree {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((file) => join(file.parentPath, file.name));
  return Object.fromEntries(
    paths.map((path) => [relative(root, path).split(sep).join('/'), readFileSync(path, 'utf8')]),
  );
}

describe('the source', () => {
  const source = readSourceTree(fileURLToPath(new URL('../src', import.meta.url)));

  test.each(rules)('%s', (_title, findFaults) => {
    expect(findFaults(source)).toEqual([]);
  });

  test('loads what replicas share only where a server is configured', () => {
    const texts = Object.entries(source).filter(([path]) => !path.startsWith('fleet/'));
    const importing = texts.filter(([, text]) => /^import (?!type)[^;]*\/fleet\//m.test(text));
    const loading = texts.filter(([, text]) => /await import\('[^']*\/fleet\//.test(text));
    expect([importing, loading].map((files) => files.map(([path]) => path))).toEqual([
      [],
      ['server/start-gateway.ts'],
    ]);
    const asking = Object.entries(source).filter(([, text]) => text.includes("'@redis/client'"));
    expect(asking.every(([path]) => path.startsWith('fleet/redis/'))).toBe(true);
  });

  test('has files in every layer, and imports between them', () => {
    const paths = Object.keys(source);
    expect(Object.keys(layers).filter((layer) => !paths.some((path) => path.startsWith(layer)))).toEqual([]);
    expect(readImports(source).some(({ to, typeOnly }) => to in source && !typeOnly)).toBe(true);
  });
});

describe('an import counts', () => {
  test.each([
    ['as a value, by name', "import { b } from './b.ts'; b();", false],
    ['as a value, if only its names are types', "import { type B } from './b.ts';", false],
    ['as a value, for its side effect', "import './b.ts';", false],
    ['as a value, if it is dynamic', "await import('./b.ts');", false],
    ['as a value, if it is exported again', "export * from './b.ts';", false],
    ['as a value, if another one is type-only', "import type { B } from './b.ts';\nimport './b.ts';", false],
    ['as a type', "import type { B } from './b.ts';", true],
    ['as a type, within a type', "type B = import('./b.ts').B;", true],
    ['as a type, if it is exported again', "export type { B } from './b.ts';", true],
  ])('%s', (_title, text, typeOnly) => {
    expect(readImports({ 'lib/a.ts': text })).toEqual([{ from: 'lib/a.ts', to: 'lib/b.ts', typeOnly }]);
  });

  test('not, if it names a package or stands in a comment or a string', () => {
    const text = `import 'undici';\n// import './b.ts'\nexport const c = "import './c.ts'";`;
    expect(readImports({ 'lib/a.ts': text })).toEqual([]);
  });
});

describe('the layer table', () => {
  test('has no circle', () => {
    expect(findLayerCircles(layers)).toEqual([]);
  });

  test.each([
    ['an upward arrow', 'lib/a.ts', "import '../jobs/b.ts';", 'lib/a.ts may not import jobs/b.ts'],
    ['a sideways arrow', 'sandbox/a.ts', "import '../jobs/b.ts';", 'sandbox/a.ts may not import jobs/b.ts'],
    [
      'a type-only arrow to a layer that is not listed',
      'lib/a.ts',
      "import type { B } from '../jobs/b.ts';",
      'lib/a.ts may not import types from jobs/b.ts',
    ],
    [
      'a value from a layer listed for its types',
      'graphql/a.ts',
      "import '../upstream/b.ts';",
      'graphql/a.ts may not import upstream/b.ts',
    ],
    ['an arrow to main.ts', 'server/a.ts', "import '../main.ts';", 'server/a.ts may not import main.ts'],
    [
      'an arrow out of the source',
      'lib/a.ts',
      "import '../../test/b.ts';",
      'lib/a.ts may not import ../test/b.ts',
    ],
    ['a file in an unknown layer', 'extras/a.ts', '', 'extras/a.ts is in no layer'],
  ])('refuses %s', (_title, path, text, fault) => {
    expect(findForbiddenImports({ [path]: text }, layers)).toEqual([fault]);
  });

  test('allows arrows within a layer, to listed layers, and to types of those listed for types', () => {
    const tree = {
      'graphql/a.ts': "import './b.ts';\nimport '../jobs/c.ts';\nimport type { D } from '../upstream/d.ts';",
    };
    expect(findForbiddenImports(tree, layers)).toEqual([]);
  });
});

describe('the rules', () => {
  test.each<[string, (tree: SourceTree) => string[], SourceTree, string[]]>([
    [
      'a circle, even one of types',
      findCircles,
      {
        'a.ts': "import './b.ts';",
        'b.ts': "import type { C } from './c.ts';",
        'c.ts': "import './b.ts';\nimport './d.ts';",
      },
      ['b.ts → c.ts → b.ts'],
    ],
    [
      'a circle of layers, even one of types',
      () => findLayerCircles({ 'a/': ['b/'], 'b/': ['c/', 'a/ (types)'], 'c/': [] }),
      {},
      ['a/ → b/ → a/'],
    ],
    ['a file that imports itself', findCircles, { 'a.ts': "import './a.ts';" }, ['a.ts → a.ts']],
    [
      'a barrel by name',
      findBarrels,
      { 'jobs/index.ts': 'export const a = 1;' },
      ['jobs/index.ts is a barrel'],
    ],
    [
      'a barrel in disguise',
      findBarrels,
      { 'jobs/all.ts': "export * from './a.ts';" },
      ['jobs/all.ts is a barrel'],
    ],
    [
      'vague names',
      findVagueNames,
      { 'utils/a.ts': '', 'lib/job-helpers.ts': '', 'lib/common.ts': '' },
      ['utils/a.ts', 'lib/job-helpers.ts', 'lib/common.ts'].map((path) => `${path} has a vague name`),
    ],
    [
      'variables of a module',
      findModuleLevelLets,
      { 'a.ts': 'let count = 0;\nexport let open;\nvar old;' },
      ['a.ts: let count = 0;', 'a.ts: export let open;', 'a.ts: var old;'],
    ],
    ...[
      'const KNOWN = new Map(); function keep(name) { KNOWN.set(name, 1); }',
      'export const KNOWN: Set<string> = new Set(); const keep = (name) => void KNOWN.add(name);',
      'const KNOWN = new LRUCache({ max: 1 }); class Keeper { forget() { KNOWN.clear(); } }',
      'const KNOWN = []; function keep(name) { KNOWN.push(name); }',
      'const KNOWN = {}; function keep(name) { KNOWN[name] ??= 1; }',
      'const KNOWN = { size: 0 }; function count() { KNOWN.size += 1; }',
      'const KNOWN = { size: 0 }; function count() { ++KNOWN.size; }',
      'const KNOWN = {}; function forget(name) { delete KNOWN[name]; }',
    ].map((text): [string, typeof findModuleLevelTables, SourceTree, string[]] => [
      `the table in “${text}”`,
      findModuleLevelTables,
      { 'lib/a.ts': text },
      ['lib/a.ts changes KNOWN'],
    ]),
    ...[
      'export const host = process.env.HOST;',
      'export const { env } = globalThis.process;',
      "import { env } from 'node:process';",
      'export const now = { process };',
    ].map((text): [string, typeof findProcessUses, SourceTree, string[]] => [
      `process in “${text}”`,
      findProcessUses,
      { 'lib/a.ts': text },
      ['lib/a.ts uses process'],
    ]),
    [
      'READMEs missing, empty and long',
      findReadmeFaults,
      {
        'a/a.ts': '',
        'b/README.md': '\n',
        'c/README.md': 'line\n'.repeat(11),
        'd/README.md': 'line\n'.repeat(10),
      },
      ['a/ has no README.md', 'b/ has no README.md', 'c/README.md has 11 lines'],
    ],
  ])('name %s', (_title, findFaults, tree, faults) => {
    expect(findFaults(tree)).toEqual(faults);
  });

  test('let pass what only looks like a fault', () => {
    const tree = {
      'main.ts': 'process.exitCode = 1;',
      'lib/README.md': 'Domain-free pieces.',
      'lib/a.ts': `import type { B } from './b.generated.ts';
        // process.env
        export const a = { process: (b: B) => { let count = b.process; return count; } };
        const NAMES = new Set(['a']);
        const OF = new WeakMap();
        export const add = (b, names) => OF.set(b, names.filter((name) => NAMES.has(name)).sort());`,
      'lib/b.generated.ts': "import type { A } from './a.ts';\nexport type B = A & { process: number };",
    };
    for (const [, findFaults] of rules) expect(findFaults(tree)).toEqual([]);
  });
});
