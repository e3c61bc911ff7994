import type { ApiKey } from './api-key.ts';

/** One of a request's keys, with the name that the client knows it by. */
export interface Credential {
  /** What answers and errors call the key: `[A-Za-z0-9_-]{1,32}`, unique within the request. */
  readonly label: string;
  readonly key: ApiKey;
}
