import type { ListItem, ListPage } from '../../src/jobs/list-page.ts';
import { toSeq } from '../../src/jobs/seq.ts';
import type { Job } from '../../src/upstream/job.ts';
import type { PageRequest } from '../../src/upstream/job-list.ts';
import { invalidResponse } from '../../src/upstream/upstream-error.ts';
import { ANY_AGE, stampAt } from './stamp.ts';

/** A job of a changing list. Its rank is its place in the order of the list, whether or not it is there just now. */
export interface ListedJob {
  readonly name: string;
  readonly rank: number;
  readonly createdAtMs: number;
  /** Whether upstream sends something else in its place, with its name or without. */
  readonly fault: 'none' | 'named' | 'nameless';
}

/** A list that jobs enter and leave, and that knows since when each of them has been there. */
export class ChangingList {
  readonly #jobs: ReadonlySet<ListedJob>;
  readonly #since = new Map<ListedJob, number>();
  #tick = 0;

  /** @param jobs All that are ever listed, by rank. */
  constructor(jobs: readonly ListedJob[], isPresent: (job: ListedJob) => boolean = () => true) {
    this.#jobs = new Set(jobs);
    for (const job of jobs) if (isPresent(job)) this.#since.set(job, 0);
  }

  /** The number of changes so far. */
  get tick(): number {
    return this.#tick;
  }

  /** The jobs that are listed now. */
  get present(): readonly ListedJob[] {
    return [...this.#jobs].filter((job) => this.#since.has(job));
  }

  get absent(): readonly ListedJob[] {
    return [...this.#jobs].filter((job) => !this.#since.has(job));
  }

  /** Whether a job has been listed without a break since a tick. */
  isSteady(job: ListedJob, tick: number): boolean {
    return (this.#since.get(job) ?? Number.POSITIVE_INFINITY) <= tick;
  }

  /** A job that this list never holds stays out. */
  enter(job: ListedJob): void {
    if (this.#since.has(job) || !this.#jobs.has(job)) return;
    this.#tick += 1;
    this.#since.set(job, this.#tick);
  }

  leave(job: ListedJob): void {
    if (this.#since.delete(job)) this.#tick += 1;
  }

  /** One page as upstream would send it. */
  page({ page, limit }: PageRequest): ListPage {
    const { present } = this;
    return {
      total: present.length,
      askedSeq: toSeq(this.#tick),
      readSeq: toSeq(this.#tick),
      ...ANY_AGE,
      items: present.slice((page - 1) * limit, page * limit).map(toItem),
    };
  }
}

/** What a list page holds for a job. */
export function toItem({ name, createdAtMs, fault }: ListedJob): ListItem {
  if (fault === 'none') {
    const job = { qrn: name, createdAt: new Date(createdAtMs) } as Job;
    return { identity: name, isNamed: true, job: { job, fetched: stampAt(0) } };
  }
  const isNamed = fault === 'named';
  return { identity: isNamed ? name : 'null', isNamed, job: invalidResponse(name) };
}
