import { withdrawalOf } from '../../auth/withdrawal-of.ts';
import type { JobStore } from '../../store/job-store.ts';
import type { EventBytes } from '../streams/event-text.ts';
import { isUnchanged, type MadeOf } from './is-unchanged.ts';
import type { PreparedOperation } from './planned-operations.ts';

/** The event of an update, in the form in which it is sent, and what it was made of. */
export interface SharedEvent extends MadeOf {
  readonly bytes: EventBytes;
  /** Whether it tells nothing but the update: nothing else was read for it. */
  readonly isOfUpdateAlone: boolean;
  /** Until when all that was read for it is ordinarily fresh, by `Clock.now`. */
  readonly freshUntilMs: number;
}

/** The events of updates that were ready at once. */
interface Batch {
  readonly updates: readonly object[];
  readonly partitions: readonly number[];
  readonly bytes: EventBytes;
}

export interface StreamGroupParts extends PreparedOperation {
  /** See `toRequestName`. */
  readonly name: string;
  readonly store: Pick<JobStore, 'versionOf'>;
}

/**
 * The open streams of one name: with the same keys, document and variables. What one of them has made of an update is shown
 * by the others, too, for as long as it is what they would make themselves: so an update is executed once for all of them.
 * Who shows it says with which parts of the cache: they are replaced when a key is refused.
 */
export class StreamGroup {
  readonly parts: StreamGroupParts;
  #size = 0;
  /** By update. An update that nobody shows any more takes its event with it. */
  readonly #events = new WeakMap<object, SharedEvent>();
  /** The latest one, until anything else is made. Streams that wake for the same updates take it one after the other. */
  #batch: Batch | null = null;

  constructor(parts: StreamGroupParts) {
    this.parts = parts;
  }

  /** Whether there is nobody in it. */
  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Whether nobody may join it any more: its streams end, because the key ring of its requests was withdrawn. */
  get isWithdrawn(): boolean {
    return withdrawalOf(this.parts.credentials)?.aborted ?? false;
  }

  join(): void {
    this.#size += 1;
  }

  leave(): void {
    this.#size -= 1;
    if (this.#size <= 1) this.#batch = null;
  }

  /** The event of an update, if it is right for a stream whose keys have these parts of the cache. */
  find(update: object, partitions: readonly number[], nowMs: number): SharedEvent | null {
    const event = this.#events.get(update);
    if (event === undefined || !isOf(event, partitions)) return null;
    const isRight =
      event.isOfUpdateAlone || (nowMs < event.freshUntilMs && isUnchanged(event, this.parts.store));
    return isRight ? event : null;
  }

  /** Lets the others show an event. Where there are none, it is not kept. */
  keep(update: object, event: SharedEvent): void {
    this.#batch = null;
    if (this.#size > 1) this.#events.set(update, event);
  }

  /** The events of all these updates together, if they are right. */
  findBatch(updates: readonly object[], partitions: readonly number[]): EventBytes | null {
    const batch = this.#batch;
    if (batch === null) return null;
    return isSame(batch.updates, updates) && isSame(batch.partitions, partitions) ? batch.bytes : null;
  }

  /** Lets the others show these events together, which must tell nothing but their updates. */
  keepBatch(batch: Batch): void {
    if (this.#size > 1) this.#batch = batch;
  }
}

function isOf({ states }: MadeOf, partitions: readonly number[]): boolean {
  return states.length === partitions.length && states.every((state, i) => state.partition === partitions[i]);
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
