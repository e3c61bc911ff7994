import { GatewayError } from '../../lib/gateway-error.ts';

/** Something that a client may not have too much of. */
export interface Limit {
  /** The name of its variable, or of the rule where it has none. */
  readonly limit: string;
  readonly max: number;
  /** What is limited, for the message: `aliases of a document`. */
  readonly what: string;
  /** What a client can do instead. */
  readonly advice: string;
}

/** @throws {GatewayError} `too-complex` if there is more than the limit allows. */
export function assertWithin({ limit, max, what, advice }: Limit, got: number): void {
  if (got <= max) return;
  // Fragments within fragments multiply to more than JSON can say.
  const facts = { limit, max, got: Math.min(got, Number.MAX_SAFE_INTEGER) };
  throw new GatewayError(
    'too-complex',
    `The ${what} must be at most ${max}, got ${facts.got}: ${advice}.`,
    facts,
  );
}
