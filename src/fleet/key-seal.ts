import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ApiKey } from '../auth/api-key.ts';
import { parseJson } from '../lib/parse-json.ts';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** How much of a secret's digest tells secrets apart. */
const SECRET_BYTES = 4;

/** A name that nobody meets twice. */
const NAME_BYTES = 16;

/** What is unsealed is no longer than this, in bytes: a page of a hundred jobs has about a tenth. */
const MAX_BYTES = 16_777_216;

/** Speed matters more than length here: texts stay for minutes. */
const COMPRESSION = { level: 1 };

interface Secret {
  /** Tells which secret sealed a text. */
  readonly id: Buffer;
  readonly encryptionKey: Buffer;
}

/**
 * Names and sealed texts for what belongs to one API key, all base64url. Names are HMACs that only holders of the key can
 * make. Sealed texts are compressed, and encrypted with AES-256-GCM under a key that is made of the API key and of a
 * secret of the fleet: reading them takes both.
 */
export class KeySeal {
  /** The name of the API key. It does not depend on the secret, which can so be replaced while replicas run. */
  readonly name: string;
  readonly #key: ApiKey;
  readonly #secrets: readonly Secret[];

  /** @param secrets The first one seals, all of them open: one at least. */
  constructor(key: ApiKey, secrets: readonly string[]) {
    this.#key = key;
    this.name = key.sign('fleet', 'key').toString('base64url');
    this.#secrets = secrets.map((secret) => ({
      id: createHash('sha256').update(`fleet\n${secret}`).digest().subarray(0, SECRET_BYTES),
      encryptionKey: createHmac('sha256', secret).update(key.sign('fleet', 'seal')).digest(),
    }));
  }

  /** The name of what is asked for, the same for the same text. */
  nameOf(text: string): string {
    return this.#key.sign('fleet', `name\n${text}`).subarray(0, NAME_BYTES).toString('base64url');
  }

  /**
   * Seals a value that JSON can hold.
   *
   * @param place Where the text will stand. It can be opened there only.
   */
  seal(value: unknown, place: string): string {
    const [secret] = this.#secrets;
    if (secret === undefined) throw new Error('A seal must have a secret.');
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, secret.encryptionKey, iv).setAAD(this.#aad(place));
    const text = cipher.update(deflateRawSync(JSON.stringify(value), COMPRESSION));
    const rest = cipher.final();
    return Buffer.concat([secret.id, iv, text, rest, cipher.getAuthTag()]).toString('base64url');
  }

  /** What was sealed at a place; undefined where the text was not sealed there with this key and one of the secrets. */
  open(sealed: string, place: string): unknown {
    const bytes = Buffer.from(sealed, 'base64url');
    const id = bytes.subarray(0, SECRET_BYTES);
    const secret = this.#secrets.find((candidate) => candidate.id.equals(id));
    if (secret === undefined || bytes.length < SECRET_BYTES + IV_BYTES + TAG_BYTES) return undefined;
    const iv = bytes.subarray(SECRET_BYTES, SECRET_BYTES + IV_BYTES);
    try {
      const decipher = createDecipheriv(CIPHER, secret.encryptionKey, iv, { authTagLength: TAG_BYTES })
        .setAAD(this.#aad(place))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      const text = decipher.update(bytes.subarray(SECRET_BYTES + IV_BYTES, -TAG_BYTES));
      const compressed = Buffer.concat([text, decipher.final()]);
      return parseJson(inflateRawSync(compressed, { maxOutputLength: MAX_BYTES }).toString());
    } catch {
      // Whatever is wrong with it, it is none of ours.
      return undefined;
    }
  }

  #aad(place: string): Buffer {
    return Buffer.from(`${this.name}\n${place}`);
  }
}
