import type { ExecutionResult } from 'graphql';
import type { HttpStatus } from './http-refusal.ts';

/**
 * The status and `Retry-After` of an answer where overload is all that became of an operation; null for any other answer. An
 * answer with such a status has no `data`: one that has it must have a status of success (GraphQL over HTTP, section 6.4.2).
 */
export function overloadStatusOf({ data, errors = [] }: ExecutionResult): Required<HttpStatus> | null {
  const hasData = Object.values(data ?? {}).some((value) => value !== null);
  const isOnlyOverload =
    errors.length > 0 && errors.every(({ extensions }) => extensions['code'] === 'OVERLOADED');
  if (hasData || !isOnlyOverload) return null;
  const waitsMs = errors.map(({ extensions }) => Number(extensions['retryAfterMs'] ?? 0));
  const retryAfterS = Math.max(1, Math.ceil(Math.max(...waitsMs) / 1000));
  return { status: 503, headers: { 'retry-after': String(retryAfterS) } };
}
