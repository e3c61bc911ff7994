import { isAscii } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire, wrap } from 'node:module';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

/** How many bytes of a cache say what it fits to. */
const DIGEST_BYTES = 32;

/** What was compiled here, by file. */
const compiled = new Map<string, Script>();

/**
 * Loads a file of the program, with the code that the build compiled for it where that fits. To compile it anew takes
 * longer than all else that a start does.
 */
function load(module: NodeJS.Module, file: string): void {
  const source = readFileSync(file);
  const cachedData = readCache(file, source);
  const script = new Script(wrap(source.toString(isAscii(source) ? 'latin1' : 'utf8')), {
    filename: file,
    ...(cachedData === null ? {} : { cachedData }),
  });
  compiled.set(file, script);
  const evaluate = script.runInThisContext();
  evaluate.call(module.exports, module.exports, createRequire(file), module, file, dirname(file));
}

/** The code in the cache of a file; null if there is none, or if it is not of this source and this Node. */
function readCache(file: string, source: Buffer): Buffer | null {
  try {
    const cache = readFileSync(`${file}.cache`);
    const code = cache.subarray(DIGEST_BYTES);
    return cache.subarray(0, DIGEST_BYTES).equals(digest(source, code)) ? code : null;
  } catch {
    return null;
  }
}

/** The code caches of what is loaded now, by file, with all functions that have run. The build writes them. */
export function createCaches(): ReadonlyMap<string, Buffer> {
  return new Map(
    [...compiled].map(([file, script]) => {
      const code = script.createCachedData();
      return [`${file}.cache`, Buffer.concat([digest(readFileSync(file), code), code])];
    }),
  );
}

/** V8 itself compares its version, its flags and the length of the source: it runs what somebody broke. */
function digest(source: Buffer, code: Buffer): Buffer {
  return createHash('sha256')
    .update(`${process.version} ${process.arch} ${source.length}\n`)
    .update(source)
    .update(code)
    .digest();
}

/**
 * Lets V8 allocate in the young generation, whatever it has learned. While a process warms up, most requests of a scavenge are
 * still in flight, and V8 concludes that what they allocate lives for long (it calls this pretenuring): from then on some
 * objects of each request begin in the old generation, and hold all others of it until a full collection. Which objects these
 * are is chance, so that of equal processes some took twice the processor time and memory: see docs/performance.md.
 */
function allocateYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}

// Before any code cache is read or made: V8 accepts none that was made with other flags. Nor does it accept those of Node's own
// modules any more, so that a start takes some 15 ms longer.
allocateYoung();
// Only Node's own way of loading reads source maps.
if (!process.sourceMapsEnabled) createRequire(import.meta.url).extensions['.cjs'] = load;
void import('./main.ts');
