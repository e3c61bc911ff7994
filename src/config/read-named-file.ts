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
    throw new GatewayError(
      'invalid-config',
      `${variable} must be a file that can be read, got ${JSON.stringify(path)}: ${code}.`,
    );
  }
}
