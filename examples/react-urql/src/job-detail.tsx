import { useEffect, useRef } from 'react';
import { useMutation, useQuery, useSubscription } from 'urql';
import { Failure } from './failure.tsx';
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
  const [{ data, error }] = useQuery({ query: JOB, variables: { qrn } });
  useSubscription({ query: JOB_UPDATED, variables: { qrn } });
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
      <Failure title="Not all can be shown" error={error} />
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
  const [{ fetching, error }, cancelJob] = useMutation(CANCEL_JOB);
  function cancel() {
    // Where several keys see the job, the gateway wants to know which of them is to cancel it.
    if (window.confirm('Cancel this job?')) void cancelJob({ qrn, key: keys[0] });
  }
  return (
    <>
      <button type="button" disabled={fetching} onClick={cancel}>
        Cancel this job
      </button>
      <Failure title="Not cancelled" error={error} />
    </>
  );
}
