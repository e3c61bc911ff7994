import { useState } from 'react';
import type { JobStatus } from './gql/graphql.ts';

/** A status, which lights up for a moment when it changes: another `key` is another element. */
export function Status({ status }: { readonly status: JobStatus }) {
  const [first] = useState(status);
  return (
    <span key={status} className={`status ${status} ${status === first ? '' : 'changed'}`}>
      {status.toLowerCase()}
    </span>
  );
}
