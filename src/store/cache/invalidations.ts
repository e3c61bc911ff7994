import { LRUCache } from 'lru-cache';
import { later, NEVER, type Seq } from '../../jobs/seq.ts';
import { atMost } from '../../lib/at-most.ts';
import type { Clock } from '../../lib/clock.ts';
import type { CancelStatus } from '../../upstream/job.ts';
import type { PartitionVersions } from './partition-versions.ts';

export interface InvalidationsOptions {
  readonly clock: Clock;
  readonly versions: PartitionVersions;
  /** How long anything that was read is cached at most, in milliseconds. */
  readonly lifetimeMs: number;
}

/** What clients changed of a job. */
export interface JobChange {
  /** When they did so last: `NEVER` where nobody did. */
  readonly seq: Seq;
  /** How far the job had come then, as upstream said: null where it did not say. */
  readonly status: CancelStatus | null;
}

const NO_CHANGE: JobChange = { seq: NEVER, status: null };

/** So many are remembered, of all keys together. Each took a request of its user's limit. */
const MAX_ENTRIES = 10_000;

/**
 * What clients changed through the gateway, and when. Nothing that was asked for before then is shown of it any more, and no
 * request is joined that was sent before then. An entry belongs to one key's partition, and lives as long as anything that
 * it stands against. Where there are too many, the least recently used stand against everything of every key.
 */
export class Invalidations {
  readonly #versions: PartitionVersions;
  readonly #changes: LRUCache<string, JobChange>;
  /** The latest that was evicted. */
  #evicted = NO_CHANGE;

  constructor({ clock, versions, lifetimeMs }: InvalidationsOptions) {
    this.#versions = versions;
    this.#changes = new LRUCache({
      ...atMost(MAX_ENTRIES),
      ttl: lifetimeMs,
      perf: clock,
      ttlResolution: 0,
      dispose: ({ seq }, _, reason) => {
        if (reason === 'evict') this.#evicted = { ...NO_CHANGE, seq: later(this.#evicted.seq, seq) };
      },
    });
  }

  /** Notes that a job was changed, and with it each list that it may stand in. */
  jobChanged(partition: number, qrn: string, { seq, status }: JobChange): void {
    this.#note(jobName(partition, qrn), { seq, status });
    this.#note(listsName(partition), { ...NO_CHANGE, seq });
    this.#versions.changed(partition);
  }

  /** What was changed of a job. */
  ofJob(partition: number, qrn: string): JobChange {
    return this.#isEmpty ? NO_CHANGE : this.#get(jobName(partition, qrn));
  }

  /** When any job was changed last: lists may lag behind. */
  ofLists(partition: number): Seq {
    return this.#isEmpty ? NEVER : this.#get(listsName(partition)).seq;
  }

  /** As good as always. It is asked at each read, before any name is made. */
  get #isEmpty(): boolean {
    return this.#changes.size === 0;
  }

  #note(name: string, { seq, status }: JobChange): void {
    const known = this.#get(name);
    this.#changes.set(name, { seq: later(seq, known.seq), status: status ?? known.status });
  }

  #get(name: string): JobChange {
    return this.#changes.get(name) ?? this.#evicted;
  }
}

function jobName(partition: number, qrn: string): string {
  return `${partition} job ${qrn}`;
}

function listsName(partition: number): string {
  return `${partition} lists`;
}
