import type { Server } from 'node:net';
import type { Clock } from '../../lib/clock.ts';

/** How many requests begin in one turn of the event loop. */
const MAX_BEGUN = 4;

/** How many turns in a row may be left to new connections, so that a flood of them does not keep requests from beginning. */
const MAX_LEFT = 32;

/** How much the latest turn counts in the pace. */
const WEIGHT = 0.1;

/** One turn counts for no longer than this, in milliseconds: a single stall is no overload. */
const MAX_TURN_MS = 100;

export interface ArrivalsOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Who would wait for longer, or has waited for longer, in milliseconds, is refused. */
  readonly maxWaitMs: number;
  /** Calls back in the next turn of the event loop. @default setImmediate */
  readonly nextTurn?: (callback: () => void) => void;
}

interface Arrival {
  readonly atMs: number;
  readonly begin: () => void;
  readonly refuse: () => void;
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
  readonly #waiting = new Set<Arrival>();
  #hasNewConnection = false;
  /** How many turns in a row were left to connections. */
  #left = 0;
  /** When the last turn was. */
  #turnAtMs = 0;
  /** How long requests waited for their turns until now: each turn counts for as long as it may. */
  #nowMs = 0;
  /** When some began, by that time, and how many. */
  #begunAtMs = 0;
  #begun = 0;
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

  /** Calls `begin` once it is its turn, or `refuse` as soon as it is clear that this takes too long. */
  take(begin: () => void, refuse: () => void): void {
    if (this.waitMs > this.#maxWaitMs) {
      refuse();
      return;
    }
    this.#waiting.add({ atMs: this.#nowMs, begin, refuse });
    if (this.#waiting.size > 1) return;
    this.#turnAtMs = this.#clock.now();
    this.#begun = 0;
    this.#goOn();
  }

  #goOn(): void {
    this.#nextTurn(() => {
      this.#passTurn();
      const isLeft = this.#hasNewConnection && this.#left < MAX_LEFT;
      this.#hasNewConnection = false;
      this.#left = isLeft ? this.#left + 1 : 0;
      if (!isLeft) this.#beginNext();
      if (this.#waiting.size > 0) this.#goOn();
    });
  }

  #passTurn(): void {
    const nowMs = this.#clock.now();
    this.#nowMs += Math.min(MAX_TURN_MS, nowMs - this.#turnAtMs);
    this.#turnAtMs = nowMs;
  }

  #beginNext(): void {
    this.#measurePace();
    this.#begun = 0;
    for (const arrival of this.#waiting) {
      const isLate = this.#nowMs - arrival.atMs > this.#maxWaitMs;
      if (!isLate && this.#begun === MAX_BEGUN) return;
      this.#waiting.delete(arrival);
      if (isLate) {
        arrival.refuse();
      } else {
        this.#begun += 1;
        arrival.begin();
      }
    }
  }

  /** Only where some waited since others began does the time between them tell the pace. */
  #measurePace(): void {
    if (this.#begun > 0) {
      const paceMs = (this.#nowMs - this.#begunAtMs) / this.#begun;
      this.#paceMs += WEIGHT * (paceMs - this.#paceMs);
    }
    this.#begunAtMs = this.#nowMs;
  }
}
