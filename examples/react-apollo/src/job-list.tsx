import { NetworkStatus } from '@apollo/client';
import { useQuery, useSubscription } from '@apollo/client/react';
import { hasGap } from 'qbraid-graphql-clients';
import { useEffect, useState } from 'react';
import { graphql } from './gql';
import type { JobStatus } from './gql/graphql.ts';
import { JobRow } from './job-row.tsx';
import { MoreButton } from './more-button.tsx';

/** How many jobs a page has. The first page is live. */
const PAGE_SIZE = 25;

/** How many are read at once where rows are missing: so many still cost one request to the qBraid API. */
const GAP_SIZE = 50;

const JOBS = graphql(`
  query Jobs($filter: JobFilter, $first: Int!, $after: String) {
    jobs(filter: $filter, first: $first, after: $after) {
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
    totalCount
    fetchedAt
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
    isTerminal
    deviceQrn
    vendor
    queuePosition
    cost
    createdAt
    keys
  }
`);

const JOBS_CHANGED = graphql(`
  subscription JobsChanged($filter: JobFilter, $first: Int!) {
    jobsChanged(filter: $filter, first: $first) {
      ...JobPage
    }
  }
`);

const JOBS_UPDATED = graphql(`
  subscription JobsUpdated($qrns: [String!]!) {
    jobUpdated(qrns: $qrns) {
      ...JobRow
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
  const variables = { filter: { status, vendorName }, first: PAGE_SIZE };
  const { data, error, networkStatus, fetchMore } = useQuery(JOBS, { variables });
  const [failure, setFailure] = useState<string | null>(null);
  const list = data?.jobs;
  // A job that no longer has the status is still in the cache, until the list is read again.
  const jobs = list?.edges
    .flatMap(({ node }) => node ?? [])
    .filter((job) => (status ?? job.status) === job.status);
  const isReading = networkStatus === NetworkStatus.loading || networkStatus === NetworkStatus.fetchMore;

  // The first page is live. The type policy of `Query.jobs` puts it together with the pages that were read behind it.
  useSubscription(JOBS_CHANGED, {
    variables,
    ignoreResults: true,
    onData: ({ client, data: { data } }) =>
      data && client.writeQuery({ query: JOBS, variables, data: { jobs: data.jobsChanged } }),
  });

  // The jobs behind it are live by their names, as long as they run.
  const qrns =
    jobs
      ?.slice(PAGE_SIZE)
      .flatMap(({ qrn, isTerminal }) => (isTerminal ? [] : qrn))
      .slice(0, 200) ?? [];
  useSubscription(JOBS_UPDATED, { variables: { qrns }, skip: qrns.length === 0, ignoreResults: true });

  async function readMore() {
    setFailure(null);
    try {
      const first = list != null && hasGap(list) ? GAP_SIZE : PAGE_SIZE;
      await fetchMore({ variables: { first, after: list?.pageInfo.endCursor } });
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  }

  // More has changed than a page holds, or something behind the first page: what is missing in the middle is read at once.
  const mustReadOn = list != null && hasGap(list) && !isReading && failure === null;
  useEffect(() => {
    if (mustReadOn) void readMore();
  });

  return (
    <section aria-label="Jobs" aria-busy={isReading}>
      {error && (
        <p className="notice failure" role="alert">
          No jobs: {error.message}
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
      {failure !== null && (
        <p className="notice failure" role="alert">
          {failure}
        </p>
      )}
      {list?.pageInfo.hasNextPage && (
        <MoreButton isReading={isReading} isAutomatic={failure === null} onRead={() => void readMore()} />
      )}
    </section>
  );
}
