import { createHash } from 'node:crypto';
import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/**
 * A qBraid API key that cannot be printed by accident: as a string, as JSON and in the console it is `[redacted]`.
 */
export class ApiKey {
  readonly #value: string;

  /**
   * Tells keys apart without showing them: 64 hexadecimal characters, the same for the same key in every process.
   * All of it, not a part, owns what is stored for a key: a part could be met by trying.
   */
  readonly fingerprint: string;

  constructor(value: string) {
    this.#value = value;
    this.fingerprint = createHash('sha256').update('qbraid-graphql-gateway\n').update(value).digest('hex');
  }

  /** The key itself, for the request to the service and for nothing else. */
  reveal(): string {
    return this.#value;
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
