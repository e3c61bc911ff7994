import { SECRET_HEADERS } from './key-headers.ts';

/** How many characters of a key, one after the other, are too many. A shorter key counts as a whole. */
const MAX_SHARED_CHARACTERS = 8;

/** How keys of the qBraid API begin. */
const KEY_START = /\bqbr_/;

/**
 * Whether a text holds a key of the request, or a part of one, or what looks like a key that it did not send. For texts of the client
 * that would go into the log or the answer. Case makes no difference.
 */
export function holdsKey(text: string, headers: Pick<Headers, 'get'>): boolean {
  const shown = text.toLowerCase();
  if (KEY_START.test(shown)) return true;
  return SECRET_HEADERS.some((name) => {
    const header = headers.get(name);
    return header !== null && isIn(shown, header.toLowerCase());
  });
}

/** The text is short, and headers may hold thousands of keys: its parts are looked for in all of them at once. */
function isIn(text: string, header: string): boolean {
  return (
    partsOf(text).some((part) => header.includes(part)) ||
    shortKeysIn(header).some((key) => text.includes(key))
  );
}

function partsOf(text: string): readonly string[] {
  const count = Math.max(0, text.length - MAX_SHARED_CHARACTERS + 1);
  return Array.from({ length: count }, (_, start) => text.slice(start, start + MAX_SHARED_CHARACTERS));
}

/** What may be a key and is too short to have parts: it stands alone, or at the end behind a label. */
function shortKeysIn(header: string): readonly string[] {
  return header.split(/[\s,;]+/).flatMap((item) => {
    const key = item.replace(/=+$/, '').split('=').at(-1) ?? '';
    return key === '' || key.length >= MAX_SHARED_CHARACTERS ? [] : [key];
  });
}
