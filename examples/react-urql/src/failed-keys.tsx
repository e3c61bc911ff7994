import type { CountsFragment } from './gql/graphql.ts';

/** Says which keys failed, and why. What the other keys see is shown all the same. */
export function FailedKeys({ sources }: Pick<CountsFragment, 'sources'>) {
  return sources.map(
    ({ key, error }) =>
      error && (
        <p className="notice" role="status" key={key}>
          Without the jobs of <strong>{key}</strong>: {error.message}
          {error.retryAfterMs != null && ' The gateway tries again by itself.'} <code>{error.code}</code>
        </p>
      ),
  );
}
