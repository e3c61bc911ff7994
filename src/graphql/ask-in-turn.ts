import type { Credential } from '../auth/api-key.ts';
import { isFailure, isOfEveryKey } from '../jobs/failures.ts';
import { type KeyFailure, noKeyGave } from '../jobs/keys-failed-error.ts';

/**
 * What the first of these keys gives that gives anything: one request at best. A key is asked once all before it have
 * failed, unless it would be told the same.
 *
 * @param credentials One at least.
 * @throws {KeysFailedError} where none gives anything.
 */
export async function askInTurn<T>(
  credentials: readonly Credential[],
  ask: (credential: Credential) => Promise<T>,
): Promise<T> {
  const failures: KeyFailure[] = [];
  for (const credential of credentials) {
    try {
      return await ask(credential);
    } catch (error) {
      if (!isFailure(error)) throw error;
      failures.push({ label: credential.label, error });
      if (isOfEveryKey(error)) break;
    }
  }
  throw noKeyGave(failures);
}
