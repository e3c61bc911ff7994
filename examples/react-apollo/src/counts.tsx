import { useQuery, useSubscription } from '@apollo/client/react';
import { FailedKeys } from './failed-keys.tsx';
import { graphql } from './gql';
import type { JobStatus } from './gql/graphql.ts';

// `sources { error }` makes the failure of one key data. Without it, the failure stands in `errors`, for which Apollo
// Client drops the data of all keys by default.
const JOB_COUNTS = graphql(`
  query JobCounts {
    jobCounts {
      ...Counts
    }
  }

  fragment Counts on JobCounts {
    total
    active
    byStatus {
      status
      count
    }
    sources {
      key
      error {
        code
        message
        retryAfterMs
      }
    }
    isStale
    fetchedAt
  }
`);

const JOB_COUNTS_CHANGED = graphql(`
  subscription JobCountsChanged {
    jobCountsChanged {
      ...Counts
    }
  }
`);

interface CountsProps {
  /** The status that the list is narrowed to. */
  readonly status: JobStatus | null;
  readonly onSelect: (status: JobStatus | null) => void;
}

/** A tile for each status, with the number of its jobs as it is now: a click narrows the list to it. */
export function Counts({ status: selected, onSelect }: CountsProps) {
  const { data, error } = useQuery(JOB_COUNTS);
  useSubscription(JOB_COUNTS_CHANGED, {
    ignoreResults: true,
    onData: ({ client, data: { data } }) =>
      data && client.writeQuery({ query: JOB_COUNTS, data: { jobCounts: data.jobCountsChanged } }),
  });
  if (error) {
    return (
      <p className="notice failure" role="alert">
        No numbers: {error.message}
      </p>
    );
  }
  const counts = data?.jobCounts;
  if (!counts) return null;
  return (
    <>
      <FailedKeys sources={counts.sources} />
      {counts.isStale && (
        <p className="notice" role="status">
          The qBraid API is slow or down. These numbers are from{' '}
          {new Date(counts.fetchedAt).toLocaleTimeString()}.
        </p>
      )}
      <section className="tiles" aria-label="Jobs by status">
        <button type="button" aria-pressed={selected === null} onClick={() => onSelect(null)}>
          <strong>{counts.total}</strong> all
        </button>
        {counts.byStatus.map(({ status, count }) => (
          <button
            type="button"
            key={status}
            className={status}
            aria-pressed={selected === status}
            onClick={() => onSelect(selected === status ? null : status)}
          >
            <strong>{count}</strong> {status.toLowerCase()}
          </button>
        ))}
      </section>
    </>
  );
}
