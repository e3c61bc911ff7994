import { LRUCache } from 'lru-cache';
import type { Seq, Stamp } from '../../jobs/seq.ts';
import type { Clock } from '../../lib/clock.ts';
import { Invalidations } from './invalidations.ts';
import { PartitionVersions } from './partition-versions.ts';

/** Something that was read, and when. */
export interface Cached<T> {
  readonly value: T;
  /** When the request was sent: everything that happened before then shows in the value. */
  readonly askedSeq: Seq;
  /** When the answer came. */
  readonly read: Stamp;
}

/** When an answer was asked for and came. */
export type When = Pick<Cached<unknown>, 'askedSeq' | 'read'>;

/** How much is kept, of all keys together. */
export interface CacheLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** How long an entry is kept, in milliseconds. */
  readonly lifetimeMs: number;
}

/** The entries of one kind. */
export interface CacheSection<T> {
  get(partition: number, name: string): T | null;
  set(partition: number, name: string, value: T, options?: SetOptions): void;
  delete(partition: number, name: string): void;
}

export interface SetOptions {
  /** @default the lifetime of the cache */
  readonly lifetimeMs?: number;
  /** Whether the entry lives no longer than the one it replaces. @default false */
  readonly keepsLifetime?: boolean;
}

interface Entry {
  readonly partition: number;
  readonly value: unknown;
  readonly bytes: number;
}

/** What an entry takes besides its value, in bytes. */
const ENTRY_BYTES = 200;

/**
 * Everything that was read, each entry in the partition of the key that read it. A partition is a number that stands for
 * one key: it is never given to another key, and is given up once its key is refused. Entries are bounded in number,
 * bytes and lifetime. The least recently used ones are evicted first. Of what is evicted nobody can tell whether the next
 * reading changes it: so its partition counts as changed.
 */
export class PartitionedCache {
  readonly #entries: LRUCache<string, Entry>;
  readonly #maxEntries: number;
  readonly versions = new PartitionVersions();
  readonly invalidations: Invalidations;

  constructor({ maxEntries, maxBytes, lifetimeMs }: CacheLimits, clock: Clock) {
    this.#maxEntries = maxEntries;
    this.invalidations = new Invalidations({ clock, versions: this.versions, lifetimeMs });
    // With `max`, lru-cache allocates for all entries at once. So `#set` keeps to their number.
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ bytes }, id) => ENTRY_BYTES + 2 * id.length + bytes,
      ttl: lifetimeMs,
      perf: clock,
      ttlResolution: 0,
      dispose: ({ partition }, _, reason) => {
        if (reason === 'evict') this.versions.changed(partition);
      },
    });
  }

  /** How much is kept now: never more than the limits. */
  get size(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.#entries.size, bytes: this.#entries.calculatedSize };
  }

  /**
   * Opens the section of this name. No two sections have the same name.
   *
   * @param bytesOf Roughly how many bytes a value takes.
   */
  section<T>(section: string, bytesOf: (value: T) => number): CacheSection<T> {
    const toId = (partition: number, name: string) => `${partition} ${section} ${name}`;
    return {
      get: (partition, name) => {
        const entry = this.#entries.get(toId(partition, name));
        return entry === undefined ? null : (entry.value as T);
      },
      set: (partition, name, value, options = {}) => {
        this.#set(toId(partition, name), { partition, value, bytes: bytesOf(value) }, options);
      },
      delete: (partition, name) => {
        this.#entries.delete(toId(partition, name));
      },
    };
  }

  #set(id: string, entry: Entry, { lifetimeMs, keepsLifetime = false }: SetOptions): void {
    this.#entries.set(id, entry, {
      noUpdateTTL: keepsLifetime,
      ...(lifetimeMs === undefined ? {} : { ttl: lifetimeMs }),
    });
    if (this.#entries.size > this.#maxEntries) this.#entries.pop();
  }
}
