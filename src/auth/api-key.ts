import { createHmac, hash } from 'node:crypto';
import { inspect } from 'node:util';
import type { Abandonment } from '../lib/abandonment.ts';

const REDACTED = '[redacted]';

/**
 * A qBraid API key that nobody prints by accident: as a string, as JSON and in the console it is `[redacted]`.
 */
export class ApiKey {
  readonly #value: string;

  /**
   * Tells keys apart without showing them: 64 hexadecimal characters, the same for the same key in every process.
   * Use all of it to separate what belongs to different keys: somebody could find another key with the same part.
   */
  readonly fingerprint: string;

  constructor(value: string) {
    this.#value = value;
    this.fingerprint = hash('sha256', `qbraid-graphql-gateway\n${value}`, 'hex');
  }

  /** The key itself. Only requests to the qBraid API may use it. */
  reveal(): string {
    return this.#value;
  }

  /**
   * A code (HMAC-SHA-256) that only a holder of the key can make, the same in every process.
   *
   * @param purpose Where the code is used. A code for one purpose fits no other.
   */
  sign(purpose: 'cursor' | 'fleet', text: string): Buffer {
    return createHmac('sha256', this.#value).update(`qbraid-graphql-gateway ${purpose}\n${text}`).digest();
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}

/** One of a request's keys, and the client's name for it. */
export interface Credential {
  /** The key's name in answers and errors: `[A-Za-z0-9_-]{1,32}`, unique within the request. */
  readonly label: string;
  readonly key: ApiKey;
  /** Aborts when the client may no longer use the key, because it is of a key ring that was withdrawn. @default never */
  readonly withdrawal?: Abandonment;
}
