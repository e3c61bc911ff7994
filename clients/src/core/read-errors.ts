import type { ErrorCode } from './error-code.ts';

/** What the gateway says about one failure. */
interface Failure {
  readonly code: unknown;
  readonly retryAfterMs: unknown;
}

/**
 * Whether a failure has this code. Takes what clients throw or give: Apollo Client's and urql's combined errors, those
 * of Relay's network, a `JobsError`, one GraphQL error or several, or `sources { error { code } }` of a list. Anything else has no code.
 */
export function hasCode(error: unknown, code: ErrorCode): boolean {
  return failuresIn(error).some((failure) => failure.code === code);
}

/**
 * After how many milliseconds another try is worth it: the longest time that the failure names, or null if it names
 * none. Takes the same as `hasCode`.
 */
export function retryAfterMs(error: unknown): number | null {
  const times = failuresIn(error).flatMap(({ retryAfterMs }) =>
    typeof retryAfterMs === 'number' ? [retryAfterMs] : [],
  );
  return times.length > 0 ? Math.max(...times) : null;
}

function failuresIn(error: unknown): readonly Failure[] {
  if (Array.isArray(error)) return error.flatMap(failuresIn);
  if (typeof error !== 'object' || error === null) return [];
  const facts = error as Readonly<Record<string, unknown>>;
  const relaySource = facts['source'] as Readonly<Record<string, unknown>> | null | undefined;
  const several = facts['errors'] ?? facts['graphQLErrors'] ?? relaySource?.['errors'];
  if (Array.isArray(several)) return several.flatMap(failuresIn);
  const { code, retryAfterMs } = (facts['extensions'] ?? facts) as Readonly<Record<string, unknown>>;
  return [{ code, retryAfterMs }];
}
