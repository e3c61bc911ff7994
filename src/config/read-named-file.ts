import { readFileSync } from 'node:fs';
import { GatewayError } from '../lib/gateway-error.ts';

/**
 * Reads the file that a variable names.
 *
 * @throws {GatewayError} `invalid-config` if it cannot be read.
 */
export function readNamedFile(variable: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Who puts the text of the file there, which may hold keys, must not find it in a log.
    const got = /[{["]/.test(path) ? 'no path' : JSON.stringify(path);
    throw new GatewayError(
      'invalid-config',
      `${variable} must be a file that can be read, got ${got}: ${code}.`,
    );
  }
}
