import { LRUCache } from 'lru-cache';
import { latest, NEVER, type Seq, type Stamp } from '../../jobs/seq.ts';
import type { Clock } from '../../lib/clock.ts';
import { Invalidations } from './invalidations.ts';
import { PartitionVersions } from './partition-versions.ts';
import { type Slot, Slots } from './slots.ts';

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

/** How long an entry is kept, where that differs from others. */
export interface SetOptions {
  /** @default the lifetime of the cache */
  readonly lifetimeMs?: number;
  /** Whether the entry lives no longer than the one it replaces. @default false */
  readonly keepsLifetime?: boolean;
}

/** What an entry takes besides its value, in bytes. */
const ENTRY_BYTES = 400;

/**
 * Everything that was read, each entry in the partition of the key that read it. A partition is a number that stands for
 * one key: it is never given to another key, and is given up once its key is refused. Entries are bounded in number,
 * bytes and lifetime. The least recently used ones are evicted first. Of what is evicted nobody can tell whether the next
 * reading changes it: so its partition counts as changed.
 */
export class PartitionedCache {
  /** By their slots: to find an object takes less than to make a text of its names. */
  readonly #entries: LRUCache<Slot, NonNullable<unknown>>;
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly versions = new PartitionVersions();
  readonly invalidations: Invalidations;

  constructor({ maxEntries, maxBytes, lifetimeMs }: CacheLimits, clock: Clock) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
    this.invalidations = new Invalidations({ clock, versions: this.versions, lifetimeMs });
    // With `max`, lru-cache allocates for all entries at once. So `#set` keeps to their number.
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      ttl: lifetimeMs,
      perf: clock,
      ttlResolution: 0,
      dispose: (value, slot, reason) => {
        if (reason !== 'set') slot.close();
        if (reason === 'evict') this.versions.evicted(slot.partition, readSeqOf(value));
      },
    });
  }

  /** How much is kept now: never more than the limits. */
  get size(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.#entries.size, bytes: this.#entries.calculatedSize };
  }

  /**
   * Opens a section of its own.
   *
   * @param bytesOf Roughly how many bytes a value takes.
   */
  section<T extends NonNullable<unknown>>(bytesOf: (value: T) => number): CacheSection<T> {
    const slots = new Slots();
    return {
      get: (partition, name) => {
        const slot = slots.find(partition, name);
        return slot === undefined ? null : ((this.#entries.get(slot) as T | undefined) ?? null);
      },
      set: (partition, name, value, options = {}) => {
        const bytes = ENTRY_BYTES + 2 * name.length + bytesOf(value);
        if (bytes <= this.#maxBytes) {
          this.#set(slots.open(partition, name), value, bytes, options);
          return;
        }
        // What is too large is not kept, nor what was there before it: nobody can tell whether the next reading changes it.
        this.#delete(slots.find(partition, name));
        this.versions.changed(partition);
      },
      delete: (partition, name) => this.#delete(slots.find(partition, name)),
    };
  }

  #set(slot: Slot, value: NonNullable<unknown>, bytes: number, options: SetOptions): void {
    const { lifetimeMs, keepsLifetime = false } = options;
    this.#entries.set(slot, value, {
      size: bytes,
      noUpdateTTL: keepsLifetime,
      ...(lifetimeMs === undefined ? {} : { ttl: lifetimeMs }),
    });
    if (this.#entries.size > this.#maxEntries) this.#entries.pop();
  }

  #delete(slot: Slot | undefined): void {
    if (slot !== undefined) this.#entries.delete(slot);
  }
}

/** When a value was read last: of the pages of a list, the latest counts. */
function readSeqOf(value: NonNullable<unknown>): Seq {
  if (Array.isArray(value)) return latest(...value.map(readSeqOf));
  return typeof value === 'object' && 'read' in value ? (value as Cached<unknown>).read.seq : NEVER;
}
