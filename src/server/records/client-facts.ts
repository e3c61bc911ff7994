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

/** A shorter text may stand in a key by chance, and tells nothing of it. */
const MIN_PART_OF_KEY = 8;
const MAX_CHARACTERS = 64;

/** Reads the name and the version of a client, as Apollo and others send them. */
export function readClient(headers: Headers, secrets: readonly string[]): ClientFacts {
  const read = (names: readonly string[], pattern: RegExp) => {
    const text = names.map((name) => headers.get(name)?.trim()).find(Boolean);
    if (text === undefined) return null;
    return pattern.test(text) && isClean(text, secrets) ? text : INVALID;
  };
  return { name: read(NAMES, NAME), version: read(VERSIONS, VERSION) };
}

/** Whether a text that a client chose may be shown: it is short, and neither holds nor is a part of a key it sent. */
export function isClean(text: string, secrets: readonly string[]): boolean {
  if (text.length > MAX_CHARACTERS) return false;
  return secrets.every(
    (secret) => !text.includes(secret) && (text.length < MIN_PART_OF_KEY || !secret.includes(text)),
  );
}

/** All that may be a key, in well-formed headers and in others. What is short and before a key is its label. */
export function secretsOf(headers: Headers): readonly string[] {
  const sent = ['x-api-key', 'x-api-keys', 'authorization'].map((name) => headers.get(name) ?? '');
  const items = sent.flatMap((text) => text.split(',')).map((item) => item.trim().replace(/=+$/, ''));
  return items.flatMap((item) => {
    const parts = item.split(/[=\s]+/);
    return parts.filter(
      (part, index) => part.length >= MIN_PART_OF_KEY || (part !== '' && index === parts.length - 1),
    );
  });
}
