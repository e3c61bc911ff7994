/** How many different keys a request may act with. */
export const MAX_KEYS = 20;

const LABEL = /^[A-Za-z0-9_-]{1,32}$/;

/** What a label must be, for messages. */
export const LABEL_RULE = '1 to 32 of A-Z a-z 0-9 _ -';

/** A token68 (RFC 9110, section 11.2). */
const KEY = /^[A-Za-z0-9._~+/-]+=*$/;
const MAX_KEY_CHARACTERS = 512;

/** What a key must be, for messages. */
export const KEY_RULE = `1 to ${MAX_KEY_CHARACTERS} of A-Z a-z 0-9 - . _ ~ + /, with = only at its end`;

/** Whether a text may name a key. */
export function isLabel(text: string): boolean {
  return LABEL.test(text);
}

/** Whether a text has the form of a key. Only the qBraid API knows whether it is one. */
export function isKey(text: string): boolean {
  return text.length <= MAX_KEY_CHARACTERS && KEY.test(text);
}
