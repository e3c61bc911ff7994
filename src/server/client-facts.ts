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

const NAME = /^[A-Za-z0-9@][\w .@/+-]{0,63}$/;
const VERSION = /^[A-Za-z0-9][\w.+-]{0,31}$/;

/** A shorter text may stand in a key by chance, and tells nothing of it. */
const MIN_PART_OF_KEY = 8;
const MAX_CHARACTERS = 64;

/** Reads the name and the version of a client, as Apollo and others send them. */
export function readClient(headers: Headers): ClientFacts {
  return { name: readText(headers, NAMES, NAME), version: readText(headers, VERSIONS, VERSION) };
}

function readText(headers: Headers, names: readonly string[], pattern: RegExp): string | null {
  for (const name of names) {
    const text = headers.get(name)?.trim();
    if (text) return pattern.test(text) && isClean(text, headers) ? text : INVALID;
  }
  return null;
}

/** Whether a text that a client chose may be shown: it is short, and neither holds nor is a part of a key it sent. */
export function isClean(text: string, headers: Headers): boolean {
  if (text.length > MAX_CHARACTERS) return false;
  return secretsOf(headers).every(
    (secret) => !text.includes(secret) && (text.length < MIN_PART_OF_KEY || !secret.includes(text)),
  );
}

/** All that may be a key, in well-formed headers and in others. What is short and before a key is its label. */
function secretsOf(headers: Headers): readonly string[] {
  const sent = ['x-api-key', 'x-api-keys', 'authorization'].map((name) => headers.get(name) ?? '');
  const items = sent.flatMap((text) => text.split(',')).map((item) => item.trim().replace(/=+$/, ''));
  return items.flatMap((item) => {
    const parts = item.split(/[=\s]+/);
    return parts.filter(
      (part, index) => part.length >= MIN_PART_OF_KEY || (part !== '' && index === parts.length - 1),
    );
  });
}
