import { NEVER, type Seq } from '../../jobs/seq.ts';
import { isEqualJson } from '../../lib/is-equal-json.ts';
import type { PartitionVersions } from './partition-versions.ts';
import type { Cached, CacheSection, PartitionedCache, SetOptions, When } from './partitioned-cache.ts';

export interface ValueCacheOptions<T> extends Pick<SetOptions, 'lifetimeMs'> {
  readonly cache: PartitionedCache;
  /** Roughly how many bytes a value takes. */
  readonly bytesOf: (value: T) => number;
  /** When clients changed the values of a partition last: nothing of before then is known. @default they never do */
  readonly changedSeq?: (partition: number) => Seq;
}

/** Values that are read as a whole, by name: the latest reading of each. */
export class ValueCache<T> {
  readonly #values: CacheSection<Cached<T>>;
  readonly #versions: PartitionVersions;
  readonly #changedSeq: (partition: number) => Seq;
  readonly #options: Pick<SetOptions, 'lifetimeMs'>;

  constructor({ cache, bytesOf, changedSeq = () => NEVER, ...options }: ValueCacheOptions<T>) {
    this.#values = cache.section(({ value }) => bytesOf(value));
    this.#versions = cache.versions;
    this.#changedSeq = changedSeq;
    this.#options = options;
  }

  /** What is known under a name, if it was asked for after `since`. */
  lookup(partition: number, name: string, since: Seq): Cached<T> | null {
    const known = this.#find(partition, name);
    return known !== null && known.askedSeq > since ? known : null;
  }

  /** Keeps a reading, and gives what stands now: a reading that was asked for before another was there is overtaken. */
  keep(partition: number, name: string, value: T, when: When): Cached<T> {
    const known = this.#find(partition, name);
    if (known !== null && known.read.seq > when.askedSeq) return known;
    const isSame = known === null || isEqualJson(known.value, value);
    if (isSame) this.#versions.confirmed(partition);
    else this.#versions.changed(partition);
    const { askedSeq, read } = when;
    const entry = { value, askedSeq, read };
    this.#values.set(partition, name, entry, this.#options);
    return entry;
  }

  #find(partition: number, name: string): Cached<T> | null {
    const known = this.#values.get(partition, name);
    return known !== null && known.askedSeq > this.#changedSeq(partition) ? known : null;
  }
}
