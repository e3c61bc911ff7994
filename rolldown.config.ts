import { readFileSync } from 'node:fs';
import type { BuildOptions } from 'rolldown';
import { isolatedDeclarationSync } from 'rolldown/experimental';

// One file for each part that is loaded at once: to find and read a thousand files of the packages takes a process
// longer than all else that it does to start.
export default {
  // The program, and what the package exports.
  input: { main: 'src/launch.ts', sandbox: 'src/sandbox/start-sandbox.ts' },
  platform: 'node',
  // Of modules only what is used is taken, of its scripts all.
  resolve: { alias: { graphql$: 'graphql/index.mjs' } },
  // whatwg-node compares its own class with that of Node. To load the latter takes longer than to read the environment.
  transform: { define: { 'globalThis.Request': 'undefined' } },
  output: {
    dir: 'dist',
    cleanDir: true,
    // Only scripts can be loaded with a code cache: see `src/launch.ts`.
    format: 'cjs',
    // They have no `import()`.
    dynamicImportInCjs: false,
    // As deep as `src/lib/package-url.ts`, which looks for the files of the package two folders up.
    chunkFileNames: 'chunks/[name].cjs',
    sourcemap: true,
    comments: { jsdoc: false, annotation: false, legal: true },
  },
  plugins: [
    {
      name: 'http1',
      // The gateway speaks HTTP/1.1 alone (`npm run bench:http2`), but undici would load the HTTP/2 of Node.
      load: {
        filter: { id: /undici\/lib\/dispatcher\/client-h2\.js$/ },
        handler: () => 'module.exports = () => { throw new Error("HTTP/2 is off"); };',
      },
    },
    {
      name: 'program',
      generateBundle(_, bundle) {
        for (const chunk of Object.values(bundle)) {
          if (chunk.type === 'chunk') chunk.code = escapeNonAscii(chunk.code);
        }
        // The project is of modules, the program of scripts.
        this.emitFile({ type: 'asset', fileName: 'package.json', source: '{ "type": "commonjs" }\n' });
      },
    },
    {
      name: 'sandbox-types',
      generateBundle() {
        for (const [name, source] of declare('start-sandbox')) {
          this.emitFile({ type: 'asset', fileName: `sandbox/${name}.d.ts`, source });
        }
      },
    },
  ],
} satisfies BuildOptions;

/** V8 reads and keeps ASCII in half the time and half the memory. */
function escapeNonAscii(code: string): string {
  // Here an escape sequence means something else than the character. Such a file works too.
  if (/\\[^\0-\x7f]|String\.raw/.test(code)) return code;
  return code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The declarations of a file of the sandbox, and of all files that these name, by the name of the file. */
function declare(name: string, declared = new Map<string, string>()): ReadonlyMap<string, string> {
  if (declared.has(name)) return declared;
  const file = `src/sandbox/${name}.ts`;
  const { code, errors } = isolatedDeclarationSync(file, readFileSync(file, 'utf8'));
  const [error] = errors;
  if (error !== undefined) throw new Error(`${file} cannot be declared: ${error.message}`);
  declared.set(name, code.replaceAll(/(?<= from ["']\.\/[a-z-]+\.)ts(?=["'])/g, 'js'));
  for (const [, imported = ''] of code.matchAll(/ from ["']\.\/([a-z-]+)\.ts["']/g))
    declare(imported, declared);
  return declared;
}
