import type { ApiKey } from './api-key.ts';

/** One of a request's keys, and the client's name for it. */
export interface Credential {
  /** The key's name in answers and errors: `[A-Za-z0-9_-]{1,32}`, unique within the request. */
  readonly label: string;
  readonly key: ApiKey;
}
