import { createHash, timingSafeEqual } from 'node:crypto';
import { Abandoning } from '../lib/abandonment.ts';
import type { Credential } from './api-key.ts';

/** The keys that a client acts with by sending a token in their place. */
export interface KeyRing {
  /** For the log. */
  readonly name: string;
  /** The SHA-256 hash of the token: 32 bytes. */
  readonly tokenHash: Buffer;
  readonly keys: readonly Credential[];
}

/** A ring that may be used until it is withdrawn. */
interface OpenRing {
  readonly ring: KeyRing;
  readonly withdrawal: Abandoning;
  readonly credentials: readonly Credential[];
}

/** The key rings of a process, which may be replaced while it runs. It holds hashes of tokens, never a token. */
export class KeyRings {
  #open: readonly OpenRing[] = [];

  constructor(rings: readonly KeyRing[]) {
    this.replace(rings);
  }

  /** How many rings there are. */
  get size(): number {
    return this.#open.length;
  }

  /**
   * The keys of the ring with this token: null where there is none. It takes as long whichever ring it is, and whatever the
   * token has in common with others.
   */
  find(token: string): readonly Credential[] | null {
    const hash = createHash('sha256').update(token).digest();
    let found: OpenRing | null = null;
    for (const open of this.#open) {
      if (timingSafeEqual(open.ring.tokenHash, hash)) found = open;
    }
    return found?.credentials ?? null;
  }

  /**
   * Puts these rings in the place of those until now. A ring with the same token and the same keys goes on. Every other one is
   * withdrawn at once: its token is unknown, and its credentials tell so to whatever was begun with them.
   *
   * @returns the names of the rings that were withdrawn.
   */
  replace(rings: readonly KeyRing[]): readonly string[] {
    const before = this.#open;
    this.#open = rings.map((ring) => before.find((open) => isSame(open.ring, ring)) ?? openRing(ring));
    const withdrawn = before.filter((open) => !this.#open.includes(open));
    for (const { ring, withdrawal } of withdrawn) {
      withdrawal.abort(new Error(`The key ring ${ring.name} was withdrawn.`));
    }
    return withdrawn.map(({ ring }) => ring.name);
  }
}

function openRing(ring: KeyRing): OpenRing {
  const withdrawal = new Abandoning();
  return { ring, withdrawal, credentials: ring.keys.map((key) => ({ ...key, withdrawal })) };
}

function isSame(a: KeyRing, b: KeyRing): boolean {
  return (
    a.tokenHash.equals(b.tokenHash) &&
    a.keys.length === b.keys.length &&
    a.keys.every(
      ({ label, key }, index) =>
        label === b.keys[index]?.label && key.fingerprint === b.keys[index].key.fingerprint,
    )
  );
}
