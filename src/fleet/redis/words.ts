import type { Claim } from '../fleet-link.ts';

/** What stands for null: no name and no sealed text has a dot. */
const NULL_WORD = '.';

/** What may be null, as a word for a script. */
export function toWord(value: string | number | null): string {
  return value === null ? NULL_WORD : String(value);
}

/** The text that {@link toWord} wrote. */
export function parseWord(word: string): string | null {
  return word === NULL_WORD ? null : word;
}

/** A claim's span, as it is named on the server: three words. */
export function toSpan({ group, start, end }: Claim): string {
  return `${group} ${start} ${end}`;
}
