import { toNumber } from './formats.js';

/** What is new about a job, in words: empty for nothing. `before` is undefined if the job itself is new. */
export function describeChange(job, before) {
  const name = job.name ?? job.qrn;
  if (before === undefined) return `${name} is new`;
  if (before.status !== job.status) return `${name}: ${before.status} → ${job.status}`;
  if (before.queuePosition !== job.queuePosition) {
    return `${name}: queue position ${toNumber(before.queuePosition)} → ${toNumber(job.queuePosition)}`;
  }
  return before.cost === job.cost ? '' : `${name} cost ${toNumber(job.cost)} credits`;
}
