import { LRUCache } from 'lru-cache';
import { later, NEVER, type Seq } from '../../jobs/seq.ts';
import type { Clock } from '../../lib/clock.ts';
import type { PartitionVersions } from './partition-versions.ts';

export interface InvalidationsOptions {
  readonly clock: Clock;
  readonly versions: PartitionVersions;
  /** How long anything that was read is cached at most, in milliseconds. */
  readonly lifetimeMs: number;
}

/** So many are remembered, of all keys together. Each took a request of its user's limit. */
const MAX_ENTRIES = 10_000;

/**
 * What clients changed through the gateway, and when. Nothing that was asked for before then is shown of it any more, and no
 * request is joined that was sent before then. An entry belongs to one key's partition, and lives as long as anything that
 * it stands against. Where there are too many, the least recently used stand against everything of every key.
 */
export class Invalidations {
  readonly #versions: PartitionVersions;
  readonly #seqs: LRUCache<string, Seq>;
  /** The latest that was evicted. */
  #evictedSeq = NEVER;

  constructor({ clock, versions, lifetimeMs }: InvalidationsOptions) {
    this.#versions = versions;
    this.#seqs = new LRUCache({
      maxSize: MAX_ENTRIES,
      sizeCalculation: () => 1,
      ttl: lifetimeMs,
      perf: clock,
      ttlResolution: 0,
      dispose: (seq, _, reason) => {
        if (reason === 'evict') this.#evictedSeq = later(this.#evictedSeq, seq);
      },
    });
  }

  /** Notes that a job was changed, and with it each list that it may stand in. */
  jobChanged(partition: number, qrn: string, seq: Seq): void {
    for (const name of [jobName(partition, qrn), listsName(partition)]) {
      this.#seqs.set(name, later(seq, this.#get(name)));
    }
    this.#versions.changed(partition);
  }

  /** When a job was changed last: `NEVER` where nobody did. */
  ofJob(partition: number, qrn: string): Seq {
    return this.#isEmpty ? NEVER : this.#get(jobName(partition, qrn));
  }

  /** When any job was changed last: lists may lag behind. */
  ofLists(partition: number): Seq {
    return this.#isEmpty ? NEVER : this.#get(listsName(partition));
  }

  /** As good as always. It is asked at each read, before any name is made. */
  get #isEmpty(): boolean {
    return this.#seqs.size === 0;
  }

  #get(name: string): Seq {
    return this.#seqs.get(name) ?? this.#evictedSeq;
  }
}

function jobName(partition: number, qrn: string): string {
  return `${partition} job ${qrn}`;
}

function listsName(partition: number): string {
  return `${partition} lists`;
}
