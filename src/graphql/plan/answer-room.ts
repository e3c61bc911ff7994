import { Unplanned } from './unplanned.ts';

/** How much an answer, or an event, may still take. What is beyond that is not even written. */
export class AnswerRoom {
  #left: number;

  /** @param maxCharacters at most one for each byte that it may have. */
  constructor(maxCharacters: number) {
    this.#left = maxCharacters;
  }

  /**
   * Writes a value.
   *
   * @throws {Unplanned} where there is no room for it: then no other value is written either.
   */
  write(toText: () => string): string {
    if (this.#left < 0) this.take(0);
    const text = toText();
    this.take(text.length);
    return text;
  }

  /** @throws {Unplanned} where there is no room for so many characters. */
  take(characters: number): void {
    this.#left -= characters;
    if (this.#left < 0) throw new Unplanned('The answer is too large.');
  }
}
