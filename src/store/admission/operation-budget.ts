import { GatewayError } from '../../lib/gateway-error.ts';

/** How many upstream requests one operation may still cause for one key. */
export class OperationBudget {
  readonly limit: number;
  #used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether nothing was spent so far. */
  get isUnspent(): boolean {
    return this.#used === 0;
  }

  get left(): number {
    return this.limit - this.#used;
  }

  /** @throws {GatewayError} `too-expensive` where the budget is used up. */
  spend(): void {
    if (this.#used >= this.limit) throw tooExpensive(this.limit);
    this.#used += 1;
  }

  /** Why so many requests together would be too many: null where they are not. */
  refusalOf(count: number): GatewayError | null {
    return count > this.left ? tooExpensive(this.limit) : null;
  }

  /** Gives back what was spent on a request that was not sent. */
  refund(): void {
    this.#used -= 1;
  }
}

function tooExpensive(limit: number): GatewayError {
  return new GatewayError(
    'too-expensive',
    `The operation would need more than the ${limit} upstream requests that it may cause for each key: ` +
      'ask for fewer jobs at once.',
    { maxUpstreamRequests: limit },
  );
}
