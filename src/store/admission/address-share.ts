import { Backoff, FIRST_MS } from './backoff.ts';

export interface ShareLimits {
  /** How many refused keys an address may send in a window. */
  readonly refusedKeys: number;
  readonly windowMs: number;
  /** Spreads the ends of waits: from 0 up to but without 1. */
  readonly random: () => number;
}

/** A part of the share that is taken until a time. Whoever took it may give it back by setting the time to the past. */
export interface TakenPart {
  untilMs: number;
}

/** What a key that was never accepted heard with a 429. */
interface LimitedKey extends TakenPart {
  /** How long the key itself waits. */
  readonly hold: Backoff;
}

/** The longest wait after a 429 that does not say how long, in milliseconds. */
const MAX_HOLD_MS = 60_000;

/** How many requests of one key that was never accepted are in flight: a smaller share keeps a part for other keys. */
const MAX_OF_KEY = 16;

/**
 * What one client address may still send with keys that were never accepted. An answer of 401 takes a part of its share
 * for a window. A 429 to such a key takes one for as long as it says, since upstream may mean the key or the gateway.
 */
export class AddressShare {
  readonly #limits: ShareLimits;
  readonly #maxOfKey: number;
  #taken: TakenPart[] = [];
  readonly #limited = new Map<string, LimitedKey>();
  readonly #inFlight = new Map<string, number>();
  /** How many requests were sent just now: each may be answered with 401. */
  #recent = 0;
  /** Those who wait for one of these to be answered. */
  readonly #waiting = new Set<() => void>();

  constructor(limits: ShareLimits) {
    this.#limits = limits;
    this.#maxOfKey = Math.min(MAX_OF_KEY, Math.max(1, limits.refusedKeys - 1));
  }

  /** How long a key must wait, in milliseconds: 0 for not at all. */
  waitMs(key: string, nowMs: number): number {
    const endsMs = this.#endsMs(key, nowMs);
    const blockerMs = endsMs[endsMs.length - this.#limits.refusedKeys] ?? nowMs;
    return Math.max(this.heldMs(key, nowMs), blockerMs - nowMs);
  }

  /** How long a key must wait because of a 429 to itself, in milliseconds: 0 for not at all. */
  heldMs(key: string, nowMs: number): number {
    return Math.max(0, this.#limited.get(key)?.hold.waitMs(nowMs) ?? 0);
  }

  /** What a key must wait for because of what is in flight: null for nothing. */
  turnOf(key: string, nowMs: number): Promise<void> | null {
    const isFree = this.#endsMs(key, nowMs).length + this.#recent < this.#limits.refusedKeys;
    if (isFree && (this.#inFlight.get(key) ?? 0) < this.#maxOfKey) return null;
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  /** Counts a request of a key. Returns what is to be called once it is slow, and once it is done. */
  begin(key: string): { readonly slow: () => void; readonly done: () => void } {
    this.#recent += 1;
    this.#inFlight.set(key, (this.#inFlight.get(key) ?? 0) + 1);
    let isRecent = true;
    const slow = () => {
      if (isRecent) this.#recent -= 1;
      isRecent = false;
      for (const goOn of this.#waiting) goOn();
      this.#waiting.clear();
    };
    const done = () => {
      const left = (this.#inFlight.get(key) ?? 0) - 1;
      if (left > 0) this.#inFlight.set(key, left);
      else this.#inFlight.delete(key);
      slow();
    };
    return { slow, done };
  }

  /** Takes a part for a window. More parts than the share has change nothing: only the latest are kept. */
  take(nowMs: number): TakenPart {
    const { refusedKeys, windowMs } = this.#limits;
    const part = { untilMs: nowMs + windowMs };
    this.#taken = [...this.#taken.filter(({ untilMs }) => untilMs > nowMs), part].slice(-refusedKeys);
    return part;
  }

  /** Takes note of a 429 to a request of a key that was never accepted, sent at a time. */
  limit(key: string, sentAtMs: number, nowMs: number, retryAfterMs: number | undefined): void {
    const { windowMs, random, refusedKeys } = this.#limits;
    const known = this.#limited.get(key);
    const hold = known?.hold ?? new Backoff({ maxMs: MAX_HOLD_MS, maxAskedMs: windowMs, random });
    hold.failed(sentAtMs, nowMs, retryAfterMs);
    // Without a time, other keys are not to be tried one after the other at the pace of first waits.
    const waitMs = (retryAfterMs ?? 0) < FIRST_MS ? MAX_HOLD_MS : hold.waitMs(nowMs);
    this.#limited.delete(key);
    this.#limited.set(key, { hold, untilMs: Math.max(known?.untilMs ?? 0, nowMs + waitMs) });
    const [oldest] = this.#limited.keys();
    if (this.#limited.size > refusedKeys && oldest !== undefined) this.#limited.delete(oldest);
  }

  /** When each part ends that is taken by others than a 429 to the key itself, the soonest first. */
  #endsMs(key: string, nowMs: number): readonly number[] {
    const ofOthers = [...this.#limited].flatMap(([other, part]) => (other === key ? [] : [part]));
    return [...this.#taken, ...ofOthers]
      .map(({ untilMs }) => untilMs)
      .filter((untilMs) => untilMs > nowMs)
      .sort((a, b) => a - b);
  }
}
