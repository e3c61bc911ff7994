import { isFailure } from '../jobs/failures.ts';
import type { Job } from '../upstream/job.ts';
import type { JobPage, ListedJob } from '../upstream/job-list.ts';
import {
  UpstreamError,
  type UpstreamErrorFacts,
  type UpstreamErrorKind,
} from '../upstream/upstream-error.ts';

/**
 * What upstream may have answered: a job, a page of a list, a refusal, or the answer of another resource, which is plain
 * already.
 */
export type SharedAnswer = object;

/** An error as JSON has it. */
export interface PlainError {
  readonly error: {
    readonly kind: UpstreamErrorKind;
    readonly message: string;
    readonly facts: UpstreamErrorFacts;
  };
}

/** A job as JSON has it: times are milliseconds since the epoch. */
type PlainJob = Omit<Job, 'timeStamps' | 'createdAt' | 'updatedAt'> & {
  readonly timeStamps: {
    readonly createdAt: number | null;
    readonly endedAt: number | null;
    readonly executionDuration: number | null;
  } | null;
  readonly createdAt: number | null;
  readonly updatedAt: number | null;
};

type PlainRow = Omit<ListedJob, 'job'> & { readonly job: PlainJob | PlainError };

type PlainPage = { readonly items: readonly PlainRow[]; readonly total: number };

/** An answer about a resource as JSON can hold it. */
export function toPlain(resource: string, answer: SharedAnswer): { readonly plain: unknown } | PlainError {
  if (isFailure(answer)) return toPlainError(answer);
  if (resource === 'job') return { plain: toPlainJob(answer as Job) };
  return { plain: resource === 'page' ? toPlainPage(answer as JobPage) : answer };
}

/** The answer that {@link toPlain} made plain. Only for what was sealed: it does not look for faults. */
export function fromPlain(resource: string, answer: ReturnType<typeof toPlain>): SharedAnswer {
  if ('error' in answer) return fromPlainError(answer);
  if (resource === 'job') return fromPlainJob(answer.plain as PlainJob);
  return resource === 'page' ? fromPlainPage(answer.plain as PlainPage) : (answer.plain as object);
}

function toPlainPage({ items, total }: JobPage): PlainPage {
  return {
    items: items.map(({ job, ...row }) => ({
      ...row,
      job: isFailure(job) ? toPlainError(job) : toPlainJob(job),
    })),
    total,
  };
}

function fromPlainPage({ items, total }: PlainPage): JobPage {
  return {
    items: items.map(({ job, ...row }) => ({
      ...row,
      job: 'error' in job ? fromPlainError(job) : fromPlainJob(job),
    })),
    total,
  };
}

/** An error as JSON can hold it. */
export function toPlainError({ kind, message, facts }: UpstreamError): PlainError {
  return { error: { kind, message, facts } };
}

/** The error that {@link toPlainError} made plain. */
export function fromPlainError({ error: { kind, message, facts } }: PlainError): UpstreamError {
  return new UpstreamError(kind, message, facts);
}

function toPlainJob({ timeStamps, createdAt, updatedAt, ...job }: Job): PlainJob {
  return {
    ...job,
    timeStamps: timeStamps && {
      createdAt: toMs(timeStamps.createdAt),
      endedAt: toMs(timeStamps.endedAt),
      executionDuration: timeStamps.executionDuration,
    },
    createdAt: toMs(createdAt),
    updatedAt: toMs(updatedAt),
  };
}

function fromPlainJob({ timeStamps, createdAt, updatedAt, ...job }: PlainJob): Job {
  return {
    ...job,
    timeStamps: timeStamps && {
      createdAt: toDate(timeStamps.createdAt),
      endedAt: toDate(timeStamps.endedAt),
      executionDuration: timeStamps.executionDuration,
    },
    createdAt: toDate(createdAt),
    updatedAt: toDate(updatedAt),
  };
}

function toMs(date: Date | null): number | null {
  return date?.getTime() ?? null;
}

function toDate(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}
