import type { CombinedError } from 'urql';

interface FailureProps {
  /** What is missing. */
  readonly title: string;
  readonly error: CombinedError | undefined;
}

/** Says what is missing, and why: in the words of the gateway, where it has answered. */
export function Failure({ title, error }: FailureProps) {
  if (error === undefined) return null;
  return (
    <p className="notice failure" role="alert">
      {title}: {error.graphQLErrors[0]?.message ?? error.message}
    </p>
  );
}
