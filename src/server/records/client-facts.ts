import { holdsKey } from '../../auth/holds-key.ts';

/** What a client says of itself. */
export interface ClientFacts {
  /** Null where it says nothing; `invalid` where the text may hold a key, or is no name. */
  readonly name: string | null;
  readonly version: string | null;
}

/** Stands for a text that must not be shown. */
export const INVALID = 'invalid';

const NAMES = ['apollographql-client-name', 'graphql-client-name'];
const VERSIONS = ['apollographql-client-version', 'graphql-client-version'];

/** The headers in which clients say their name and version. */
export const CLIENT_HEADERS: readonly string[] = [...NAMES, ...VERSIONS];

const NAME = /^[A-Za-z0-9@][\w .@/+-]{0,63}$/;
const VERSION = /^[A-Za-z0-9][\w.+-]{0,31}$/;

const MAX_CHARACTERS = 64;

/** Reads the name and the version of a client, as Apollo and others send them. */
export function readClient(headers: Pick<Headers, 'get'>): ClientFacts {
  const read = (names: readonly string[], pattern: RegExp) => {
    const text = names.map((name) => headers.get(name)?.trim()).find(Boolean);
    if (text === undefined) return null;
    return pattern.test(text) && isClean(text, headers) ? text : INVALID;
  };
  return { name: read(NAMES, NAME), version: read(VERSIONS, VERSION) };
}

/** Whether a text that a client chose may be shown: it is short, and holds nothing of a key that it sent. */
export function isClean(text: string, headers: Pick<Headers, 'get'>): boolean {
  return text.length <= MAX_CHARACTERS && !holdsKey(text, headers);
}
