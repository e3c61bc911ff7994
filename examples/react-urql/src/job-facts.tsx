import type { ReactNode } from 'react';
import { formatCredits, formatTime } from './format.ts';
import type { JobQuery } from './gql/graphql.ts';
import { Status } from './status.tsx';

/** What is known about a job, as pairs of a name and a value. */
export function JobFacts({ job }: { readonly job: NonNullable<JobQuery['job']> }) {
  const { device, timeStamps, estimatedCost, cost } = job;
  const { endedAt, executionDuration } = timeStamps ?? {};
  const facts: [string, ReactNode][] = [
    ['Status', <Status key="status" status={job.status} />],
    ['Message', job.statusMsg],
    ['Queue position', job.queuePosition],
    ['Device', device?.name ?? job.deviceQrn],
    ['Queue of the device', device?.queueDepth],
    ['Shots', job.shots?.toLocaleString('en')],
    ['Created', job.createdAt && formatTime(job.createdAt)],
    ['Ended', endedAt && formatTime(endedAt)],
    ['Ran for', executionDuration != null && `${executionDuration / 1000} s`],
    ['Expected cost', cost === null && estimatedCost !== null && `${formatCredits(estimatedCost)} credits`],
    ['Cost', cost !== null && `${formatCredits(cost)} credits`],
    ['Seen with', job.keys.join(', ')],
  ];
  return (
    <dl>
      {facts
        .filter(([, value]) => value != null && value !== false)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
