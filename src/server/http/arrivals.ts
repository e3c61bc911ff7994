import type { Server } from 'node:net';
import type { Clock } from '../../lib/clock.ts';

/** How many requests begin in one turn of the event loop. */
const MAX_BEGUN = 4;

/** How many turns in a row may be left to new connections, so that a flood of them does not keep requests from beginning. */
const MAX_LEFT = 32;

/** How much the latest turn counts in the pace. */
const WEIGHT = 0.1;

/** One turn counts for no more than this for each request, in milliseconds: a single stall is no overload. */
const MAX_PACE_MS = 50;

export interface ArrivalsOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Who would wait for longer, in milliseconds, begins at once, to be refused. */
  readonly maxWaitMs: number;
  /** Calls back in the next turn of the event loop. @default setImmediate */
  readonly nextTurn?: (callback: () => void) => void;
}

/**
 * Begins requests in the order of their arrival, a few in each turn of the event loop, and none while connections come
 * in. Node accepts one connection in a turn: hundreds that come at once would wait for seconds while turns are long, and
 * nobody could refuse them.
 */
export class Arrivals {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #maxWaitMs: number;
  readonly #nextTurn: (callback: () => void) => void;
  readonly #waiting = new Set<() => void>();
  #hasNewConnection = false;
  /** How many turns in a row were left to connections. */
  #left = 0;
  /** What the last turn began, and when. */
  #begun = 0;
  #begunAtMs = 0;
  /** How long it takes from one request to the next, in milliseconds: a moving average. */
  #paceMs = 0;

  constructor({ clock, maxWaitMs, nextTurn = setImmediate }: ArrivalsOptions) {
    this.#clock = clock;
    this.#maxWaitMs = maxWaitMs;
    this.#nextTurn = nextTurn;
  }

  /** How long a request that arrives now will probably wait, in milliseconds. */
  get waitMs(): number {
    return this.#waiting.size * this.#paceMs;
  }

  /** Notes the connections of a server. */
  follow(server: Server): void {
    server.on('connection', () => {
      this.#hasNewConnection = true;
    });
  }

  /** Calls `begin` once it is its turn. */
  take(begin: () => void): void {
    if (this.waitMs > this.#maxWaitMs) {
      begin();
      return;
    }
    this.#waiting.add(begin);
    if (this.#waiting.size > 1) return;
    this.#begun = 0;
    this.#goOn();
  }

  #goOn(): void {
    this.#nextTurn(() => {
      const isLeft = this.#hasNewConnection && this.#left < MAX_LEFT;
      this.#hasNewConnection = false;
      this.#left = isLeft ? this.#left + 1 : 0;
      if (!isLeft) this.#beginNext();
      if (this.#waiting.size > 0) this.#goOn();
    });
  }

  #beginNext(): void {
    this.#measure();
    const next = firstOf(this.#waiting, MAX_BEGUN);
    this.#begun = next.length;
    for (const begin of next) {
      this.#waiting.delete(begin);
      begin();
    }
  }

  /** Only where some waited since the last turn does the time between two turns tell the pace. */
  #measure(): void {
    const nowMs = this.#clock.now();
    if (this.#begun > 0) {
      const paceMs = Math.min(MAX_PACE_MS, (nowMs - this.#begunAtMs) / this.#begun);
      this.#paceMs += WEIGHT * (paceMs - this.#paceMs);
    }
    this.#begunAtMs = nowMs;
  }
}

function firstOf<T>(set: ReadonlySet<T>, count: number): readonly T[] {
  const first: T[] = [];
  for (const item of set) {
    if (first.length === count) break;
    first.push(item);
  }
  return first;
}
