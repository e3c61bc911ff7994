import { LRUCache } from 'lru-cache';
import { later, NEVER, type Seq } from '../../jobs/seq.ts';
import { atMost } from '../../lib/at-most.ts';

/** How far a partition has come. Two versions with equal numbers stand for the same readings. */
export interface PartitionVersion {
  /** Moves whenever a reading tells something else than what was known before. */
  readonly content: number;
  /** Moves with each reading, also where it only confirms what was known. */
  readonly reading: number;
}

/** How many partitions are followed. */
const MAX_PARTITIONS = 20_000;

/**
 * The versions of partitions. Whoever made something of what was read knows by them whether it is still right. A number
 * never comes again, also not for a partition that was forgotten in between.
 */
export class PartitionVersions {
  readonly #versions = new LRUCache<number, { content: number; reading: number; evictedSeq: Seq }>(
    atMost(MAX_PARTITIONS),
  );
  #latest = 0;

  of(partition: number): PartitionVersion {
    const { content, reading } = this.#find(partition);
    return { content, reading };
  }

  /** When the latest was read of all that was evicted: an answer that was asked for before then may be older than what was shown. */
  evictedSeqOf(partition: number): Seq {
    return this.#find(partition).evictedSeq;
  }

  /** Notes a reading that only confirms what was known. */
  confirmed(partition: number): void {
    this.#find(partition).reading = this.#next();
  }

  /** Notes that something else than before is known, or that something is known no more. */
  changed(partition: number): void {
    const version = this.#find(partition);
    version.content = this.#next();
    version.reading = this.#next();
  }

  /** Notes that what was read at `readSeq` is known no more, for lack of room. */
  evicted(partition: number, readSeq: Seq): void {
    this.changed(partition);
    const version = this.#find(partition);
    version.evictedSeq = later(version.evictedSeq, readSeq);
  }

  #find(partition: number) {
    const known = this.#versions.get(partition);
    if (known !== undefined) return known;
    const version = { content: this.#next(), reading: this.#next(), evictedSeq: NEVER };
    this.#versions.set(partition, version);
    return version;
  }

  #next(): number {
    this.#latest += 1;
    return this.#latest;
  }
}
