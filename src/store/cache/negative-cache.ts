import type { CacheSection, PartitionedCache } from './partitioned-cache.ts';

/** How long it is known that something was looked for in vain, in milliseconds. */
const LIFETIME_MS = 60_000;

/** What was looked for in lists in vain. A list is named by its filter. */
export class NegativeCache {
  readonly #missed: CacheSection<true>;

  constructor(cache: PartitionedCache) {
    this.#missed = cache.section('missed', () => 0);
  }

  /** Whether a job was lately looked for in a list in vain; for a null, whether a search of that list was in vain. */
  has(partition: number, list: string, qrn: string | null): boolean {
    return this.#missed.get(partition, toName(list, qrn)) !== null;
  }

  /** Notes for a minute that a job, or for a null anything at all, was looked for in a list in vain. */
  add(partition: number, list: string, qrn: string | null): void {
    this.#missed.set(partition, toName(list, qrn), true, { lifetimeMs: LIFETIME_MS });
  }

  /** Notes that a job stands in a list. */
  delete(partition: number, list: string, qrn: string): void {
    this.#missed.delete(partition, toName(list, qrn));
  }
}

/** No name of a list holds a space. */
function toName(list: string, qrn: string | null): string {
  return `${list} ${qrn ?? ''}`;
}
