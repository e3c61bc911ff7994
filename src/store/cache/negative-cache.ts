import type { CacheSection, PartitionedCache } from './partitioned-cache.ts';

/** How long it is known that something was looked for in vain, in milliseconds. */
const LIFETIME_MS = 60_000;

/** What was looked for in lists in vain. A list is named by its filter. */
export class NegativeCache {
  readonly #cache: PartitionedCache;
  /** By list: only few are ever searched. */
  readonly #missed = new Map<string, CacheSection<true>>();

  constructor(cache: PartitionedCache) {
    this.#cache = cache;
  }

  /** Whether a job was lately looked for in a list in vain; for a null, whether a search of that list was in vain. */
  has(partition: number, list: string, qrn: string | null): boolean {
    return this.#missed.get(list)?.get(partition, qrn ?? ANYTHING) === true;
  }

  /** Notes for a minute that a job, or for a null anything at all, was looked for in a list in vain. */
  add(partition: number, list: string, qrn: string | null): void {
    this.#of(list).set(partition, qrn ?? ANYTHING, true, { lifetimeMs: LIFETIME_MS });
  }

  /** Notes that a job stands in a list. */
  delete(partition: number, list: string, qrn: string): void {
    this.#missed.get(list)?.delete(partition, qrn);
  }

  #of(list: string): CacheSection<true> {
    const known = this.#missed.get(list);
    if (known !== undefined) return known;
    const section = this.#cache.section<true>(() => 0);
    this.#missed.set(list, section);
    return section;
  }
}

/** The name of no job. */
const ANYTHING = '';
