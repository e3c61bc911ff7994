import { Unplanned } from './unplanned.ts';

/** How many fields the plans of a document may have for each of its tokens: over all operations, and all that directives choose. */
const FIELDS_PER_TOKEN = 4;

/**
 * How many fields the plans of one document may have. A plan writes each fragment out where it is spread: fragments within
 * fragments would multiply to more than any memory holds.
 */
export class PlanRoom {
  #left: number;

  /** @param tokens how many tokens the document has. */
  constructor(tokens: number) {
    this.#left = FIELDS_PER_TOKEN * tokens;
  }

  /** @throws {Unplanned} where there is no room for another field. */
  takeField(): void {
    if (this.#left === 0) throw new Unplanned('The plans of the document would have too many fields.');
    this.#left -= 1;
  }
}
