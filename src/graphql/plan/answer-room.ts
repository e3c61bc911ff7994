import { Unplanned } from './unplanned.ts';

/** How much an answer, or an event, may still take. What is beyond that is not even written. */
export class AnswerRoom {
  #left: number;

  /** @param maxCharacters at most one for each byte that it may have. */
  constructor(maxCharacters: number) {
    this.#left = maxCharacters;
  }

  /** @throws {Unplanned} once there was no room for a text: then no other value needs to be written either. */
  assertLeft(): void {
    if (this.#left < 0) throw new Unplanned('The answer is too large.');
  }

  /**
   * Gives a text its place, and gives it back.
   *
   * @throws {Unplanned} where there is no room for it.
   */
  take(text: string): string {
    this.#left -= text.length;
    this.assertLeft();
    return text;
  }
}
