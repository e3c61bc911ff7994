/** A key with a label in front of it: `alice=<key>`. A key itself may only end with `=`. */
const LABELLED = /^\s*[\w-]{1,32}=[^=\s]/;

/**
 * The header that sends what somebody typed: one key, or several as `alice=<key>, bob=<key>`.
 *
 * @param {string} text
 * @returns {Readonly<Record<string, string>> | null} null if nothing was typed
 */
export function toKeyHeaders(text) {
  const keys = text.trim();
  if (keys === '') return null;
  return keys.includes(',') || LABELLED.test(keys) ? { 'X-API-KEYS': keys } : { 'X-API-KEY': keys };
}
