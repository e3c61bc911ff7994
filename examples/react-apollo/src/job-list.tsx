import { NetworkStatus } from '@apollo/client';
import { useQuery } from '@apollo/client/react';
import { useEffect, useRef } from 'react';
import { graphql } from './gql';
import type { JobStatus } from './gql/graphql.ts';
import { JobRow } from './job-row.tsx';

const JOBS = graphql(`
  query Jobs($filter: JobFilter, $after: String) {
    jobs(filter: $filter, first: 25, after: $after) {
      ...JobPage
    }
  }

  fragment JobPage on JobConnection {
    edges {
      cursor
      node {
        ...JobRow
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
    sources {
      key
      error {
        code
      }
    }
  }

  fragment JobRow on Job {
    id
    qrn
    name
    status
    deviceQrn
    vendor
    queuePosition
    cost
    createdAt
    keys
  }
`);

const JOBS_CHANGED = graphql(`
  subscription JobsChanged($filter: JobFilter) {
    jobsChanged(filter: $filter, first: 25) {
      ...JobPage
    }
  }
`);

interface JobListProps {
  readonly status: JobStatus | null;
  readonly vendorName: string | null;
  readonly onVendor: (vendorName: string) => void;
  readonly onOpen: (qrn: string) => void;
}

/** The jobs that fit the filter, newest first, as they are now. More are read at the end of the page. */
export function JobList({ status, vendorName, onVendor, onOpen }: JobListProps) {
  const variables = { filter: { status, vendorName } };
  const { data, error, networkStatus, fetchMore, subscribeToMore } = useQuery(JOBS, { variables });
  useEffect(
    () =>
      subscribeToMore({
        document: JOBS_CHANGED,
        variables: { filter: { status, vendorName } },
        updateQuery: (_, { subscriptionData }) => ({
          __typename: 'Query',
          jobs: subscriptionData.data.jobsChanged,
        }),
      }),
    [subscribeToMore, status, vendorName],
  );

  const jobs = data?.jobs?.edges.map(({ node }) => node).filter((node) => node !== null);
  const { hasNextPage = false, endCursor = null } = data?.jobs?.pageInfo ?? {};
  const isReading = networkStatus === NetworkStatus.loading || networkStatus === NetworkStatus.fetchMore;
  return (
    <section aria-label="Jobs" aria-busy={isReading}>
      {error && (
        <p className="notice failure" role="alert">
          {error.message}
        </p>
      )}
      {jobs?.length === 0 && <p className="empty">No jobs.</p>}
      {jobs && jobs.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Job</th>
              <th scope="col">Status</th>
              <th scope="col">Vendor</th>
              <th scope="col">Device</th>
              <th scope="col" className="number">
                Queue
              </th>
              <th scope="col" className="number">
                Credits
              </th>
              <th scope="col">Created</th>
            </tr>
          </thead>
          <tbody>
            {jobs.map((job) => (
              <JobRow key={job.id} job={job} onVendor={onVendor} onOpen={onOpen} />
            ))}
          </tbody>
        </table>
      )}
      {hasNextPage && (
        <LoadMore
          isReading={isReading}
          onVisible={() => void fetchMore({ variables: { after: endCursor } })}
        />
      )}
    </section>
  );
}

interface LoadMoreProps {
  readonly isReading: boolean;
  readonly onVisible: () => void;
}

/** Reads on as soon as it is in view, and again if it still is after that. */
function LoadMore({ isReading, onVisible }: LoadMoreProps) {
  const element = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isReading || element.current === null) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onVisible());
    observer.observe(element.current);
    return () => observer.disconnect();
  });
  return (
    <button type="button" className="more" ref={element} disabled={isReading} onClick={onVisible}>
      {isReading ? 'Reading more …' : 'More'}
    </button>
  );
}
