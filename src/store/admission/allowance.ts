/** How many requests to the service one operation may still cause for one key. */
export class Allowance {
  readonly limit: number;
  #used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** @throws {TooExpensiveError} where the allowance is used up. */
  spend(): void {
    if (this.#used >= this.limit) throw new TooExpensiveError(this.limit);
    this.#used += 1;
  }
}

/** An operation needs more requests to the service than it may cause. */
export class TooExpensiveError extends Error {
  override readonly name = 'TooExpensiveError';
  /** How many requests an operation may cause for each key. */
  readonly limit: number;

  constructor(limit: number) {
    super(
      `The operation would need more than the ${limit} requests to the service that it may cause for each key: ` +
        'ask for fewer jobs at once.',
    );
    this.limit = limit;
  }
}
