import { useMutation, useQuery, useSubscription } from '@apollo/client/react';
import { useEffect, useRef } from 'react';
import { graphql } from './gql';
import type { JobDetailFragment } from './gql/graphql.ts';
import { JobFacts } from './job-facts.tsx';
import { JobResult } from './job-result.tsx';

const JOB = graphql(`
  query Job($qrn: String!) {
    job(qrn: $qrn) {
      ...JobDetail
      device {
        qrn
        name
        status
        queueDepth
      }
    }
  }

  fragment JobDetail on Job {
    ...JobRow
    statusMsg
    shots
    estimatedCost
    isTerminal
    timeStamps {
      endedAt
      executionDuration
    }
  }
`);

// Each update goes into the cache under the id of the job: the query above and the row of the list show it.
const JOB_UPDATED = graphql(`
  subscription JobUpdated($qrn: String!) {
    jobUpdated(qrns: [$qrn]) {
      ...JobDetail
    }
  }
`);

const CANCEL_JOB = graphql(`
  mutation CancelJob($qrn: String!, $key: String) {
    cancelJob(input: { qrn: $qrn, key: $key }) {
      job {
        ...JobDetail
      }
    }
  }
`);

interface JobDetailProps {
  readonly qrn: string;
  readonly onClose: () => void;
}

/** One job as it is now, with its result once it has one. */
export function JobDetail({ qrn, onClose }: JobDetailProps) {
  const { data, error } = useQuery(JOB, { variables: { qrn } });
  useSubscription(JOB_UPDATED, { variables: { qrn }, ignoreResults: true });
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const job = data?.job;
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="job-name">
      <header>
        <h2 id="job-name">{job?.name ?? 'Job'}</h2>
        <form method="dialog">
          <button type="submit" aria-label="Close">
            ✕
          </button>
        </form>
      </header>
      <p className="qrn">{qrn}</p>
      {error && (
        <p className="notice failure" role="alert">
          {error.message}
        </p>
      )}
      {job && (
        <>
          <JobFacts job={job} />
          {mayBeCancelled(job) && <CancelButton job={job} />}
          {job.status === 'COMPLETED' && <JobResult qrn={qrn} />}
        </>
      )}
    </dialog>
  );
}

/** Not a job that has ended, that is about to be cancelled, or whose result is held back. */
function mayBeCancelled({ isTerminal, status }: JobDetailFragment): boolean {
  return !isTerminal && status !== 'CANCELLING' && status !== 'HOLD';
}

/** Asks the qBraid API to cancel the job. It says no by default: the gateway needs `ENABLE_MUTATIONS=true`. */
function CancelButton({ job: { qrn, keys } }: { readonly job: JobDetailFragment }) {
  // Where several keys see the job, the gateway wants to know which of them is to cancel it.
  const [cancelJob, { loading, error }] = useMutation(CANCEL_JOB, { variables: { qrn, key: keys[0] } });
  function cancel() {
    // What goes wrong is in `error`.
    if (window.confirm('Cancel this job?')) cancelJob().catch(() => {});
  }
  return (
    <>
      <button type="button" disabled={loading} onClick={cancel}>
        Cancel this job
      </button>
      {error && (
        <p className="notice failure" role="alert">
          {error.message}
        </p>
      )}
    </>
  );
}
