import { useSubscription } from 'urql';
import { FailedKeys } from './failed-keys.tsx';
import { Failure } from './failure.tsx';
import { graphql } from './gql';
import type { JobStatus } from './gql/graphql.ts';

// The first event has the numbers as they are now, so that no query is needed. `sources { error }` makes the failure of
// one key data.
const JOB_COUNTS_CHANGED = graphql(`
  subscription JobCountsChanged {
    jobCountsChanged {
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

interface CountsProps {
  /** The status that the list is narrowed to. */
  readonly status: JobStatus | null;
  readonly onSelect: (status: JobStatus | null) => void;
}

/** A tile for each status, with the number of its jobs as it is now: a click narrows the list to it. */
export function Counts({ status: selected, onSelect }: CountsProps) {
  const [{ data, error }] = useSubscription({ query: JOB_COUNTS_CHANGED });
  const counts = data?.jobCountsChanged;
  if (!counts) return <Failure title="No numbers" error={error} />;
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
