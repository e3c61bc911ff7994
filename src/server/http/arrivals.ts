import type { Server } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import { type Arrival, type Sender, WaitingLine } from './waiting-line.ts';

/** A turn of the event loop begins as many requests as probably take so long, in milliseconds, within these bounds. */
const BEGIN_MS = 5;
const MIN_BEGUN = 4;
const MAX_BEGUN = 32;

/** How many are refused in one turn. */
const MAX_REFUSED = 32;

/** How many turns in a row, and how many milliseconds, may be left to new connections. */
const MAX_LEFT = 32;
const MAX_LEFT_MS = 50;

/** How much the latest turn counts in the pace. */
const WEIGHT = 0.1;

/** One turn counts for no longer than this, in milliseconds: a single stall is no overload. */
const MAX_TURN_MS = 100;

export interface ArrivalsOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** For how long a request may wait, in milliseconds: others are refused. */
  readonly maxWaitMs: number;
  /** Calls back in the next turn of the event loop. @default setImmediate */
  readonly nextTurn?: (callback: () => void) => void;
}

/**
 * Begins requests as their senders take turns, a few in each turn of the event loop, and none while connections come in. Node accepts one connection in a turn: hundreds that come at once would wait for seconds while turns are long, and
 * nobody could refuse them. So those that are refused wait for a turn, too.
 */
export class Arrivals {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #maxWaitMs: number;
  readonly #nextTurn: (callback: () => void) => void;
  readonly #line = new WaitingLine();
  readonly #refusals = new Set<Arrival>();
  #isRunning = false;
  #hasNewConnection = false;
  /** How many turns in a row were left to connections, and since when. */
  #left = 0;
  #leftSinceMs = 0;
  /** When the last turn was. */
  #turnAtMs = 0;
  /** How long requests waited for their turns until now: each turn counts for as long as it may. */
  #nowMs = 0;
  /** When some began, by that time, and how many. */
  #begunAtMs = 0;
  #begun = 0;
  /** How long it takes from one request to the next, in milliseconds: a moving average, since some wait. */
  #paceMs = 0;

  constructor({ clock, maxWaitMs, nextTurn = setImmediate }: ArrivalsOptions) {
    this.#clock = clock;
    this.#maxWaitMs = maxWaitMs;
    this.#nextTurn = nextTurn;
  }

  /** How long the last request that waits will probably have waited, in milliseconds. */
  get waitMs(): number {
    return this.#line.size * this.#paceMs;
  }

  /** Notes the connections of a server. */
  follow(server: Server): void {
    server.on('connection', () => {
      this.#hasNewConnection = true;
    });
  }

  /** Calls `begin` once it is its turn, or `refuse` soon after it is clear that this takes too long. */
  take(sender: Sender, begin: () => void, refuse: () => void): void {
    if (!this.#isRunning) this.#start();
    this.#line.add({ sender, atMs: this.#nowMs, begin, refuse });
    if (this.waitMs > this.#maxWaitMs) this.#refuseLater(this.#line.dropFromLargest());
  }

  #start(): void {
    this.#isRunning = true;
    this.#turnAtMs = this.#clock.now();
    this.#begun = 0;
    // What took long before, such as the first requests of a process, says nothing of now.
    this.#paceMs = 0;
    this.#goOn();
  }

  #goOn(): void {
    this.#nextTurn(() => {
      this.#passTurn();
      if (!this.#leaveTurn()) {
        this.#beginNext();
        this.#refuseNext();
      }
      this.#isRunning = this.#line.size > 0 || this.#refusals.size > 0;
      if (this.#isRunning) this.#goOn();
    });
  }

  #passTurn(): void {
    const nowMs = this.#clock.now();
    this.#nowMs += Math.min(MAX_TURN_MS, nowMs - this.#turnAtMs);
    this.#turnAtMs = nowMs;
  }

  /** Whether this turn is left to new connections. */
  #leaveTurn(): boolean {
    if (this.#left === 0) this.#leftSinceMs = this.#nowMs;
    const mayLeave = this.#left < MAX_LEFT && this.#nowMs - this.#leftSinceMs < MAX_LEFT_MS;
    const isLeft = this.#hasNewConnection && mayLeave;
    this.#hasNewConnection = false;
    this.#left = isLeft ? this.#left + 1 : 0;
    return isLeft;
  }

  #beginNext(): void {
    this.#measurePace();
    const mayBegin = this.#mayBegin();
    for (this.#begun = 0; this.#begun < mayBegin; ) {
      const arrival = this.#line.shift();
      if (arrival === undefined) return;
      if (this.#nowMs - arrival.atMs > this.#maxWaitMs) {
        this.#refuseLater(arrival);
      } else {
        this.#begun += 1;
        arrival.begin();
      }
    }
  }

  #refuseLater(arrival: Arrival | undefined): void {
    if (arrival !== undefined) this.#refusals.add(arrival);
  }

  #refuseNext(): void {
    let count = 0;
    for (const arrival of this.#refusals) {
      if (count === MAX_REFUSED) return;
      count += 1;
      this.#refusals.delete(arrival);
      arrival.refuse();
    }
  }

  /** How many requests this turn begins: few, as long as nobody knows how long they take. */
  #mayBegin(): number {
    if (this.#paceMs === 0) return MIN_BEGUN;
    return Math.min(MAX_BEGUN, Math.max(MIN_BEGUN, Math.floor(BEGIN_MS / this.#paceMs)));
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
