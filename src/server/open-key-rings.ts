import { KeyRings } from '../auth/key-rings.ts';
import { parseKeyRings } from '../auth/parse-key-rings.ts';
import type { Environment } from '../config/environment.ts';
import { readNamedFile } from '../config/read-named-file.ts';
import { GatewayError } from '../lib/gateway-error.ts';
import type { Logger } from '../lib/logger.ts';

export interface KeyRingsOptions {
  /** The file; null is none. */
  readonly path: string | null;
  /** Where the keys stand that the file only names. */
  readonly environment: Environment;
  readonly logger: Logger;
}

/** Key rings that can be read again. */
export interface ReloadableKeyRings {
  /** Null where there is no file. */
  readonly keyRings: KeyRings | null;
  /** Reads the file again. A file with faults changes nothing: they are logged. */
  reload(): void;
}

/**
 * Reads the file of the key rings.
 *
 * @throws {GatewayError} `invalid-config` if it cannot be read, or has faults. The message holds nothing of the file.
 */
export function openKeyRings({ path, environment, logger }: KeyRingsOptions): ReloadableKeyRings {
  if (path === null) return { keyRings: null, reload() {} };
  const read = () => parseKeyRings(readNamedFile('KEYRINGS_FILE', path), environment);
  const keyRings = new KeyRings(read());
  return {
    keyRings,
    reload() {
      try {
        const withdrawn = keyRings.replace(read());
        logger.info({ keyRings: keyRings.size, withdrawn }, 'key rings read again');
      } catch (error) {
        // The message of any other error may hold something of the file.
        const fault = error instanceof GatewayError ? error.message : 'The file could not be parsed.';
        logger.error({ fault }, 'key rings not read again: those until now stay');
      }
    },
  };
}
