import type { ApiKey } from '../auth/api-key.ts';
import type { KeyAccount } from './admission/key-account.ts';
import type { ReadScope } from './read-scope.ts';

/** Who reads: a key with its account, for one operation. */
export interface Reader {
  readonly key: ApiKey;
  readonly account: KeyAccount;
  readonly scope: ReadScope;
}
