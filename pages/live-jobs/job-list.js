import { emptyList, mergePage, nextCursor, recheck } from './live-list.generated.js';

/**
 * @typedef {{ readonly id: string, readonly keys: readonly string[] }} Job As much of a job as the list must know.
 * @typedef {{ readonly cursor: string, readonly node: Job | null }} Edge
 * @typedef {{ readonly key: string, readonly error: object | null }} Source
 * @typedef {{
 *   readonly edges: readonly Edge[],
 *   readonly pageInfo: { readonly hasNextPage: boolean },
 *   readonly totalCount: number,
 *   readonly fetchedAt: string,
 *   readonly sources: readonly Source[],
 * }} Page
 * @typedef {{ readonly cursor: string, readonly rechecks: number }} Place
 * @typedef {{ readonly cursor: string, readonly job: Job | null, readonly weight: number }} Row
 */

/**
 * The beginning of a list of jobs, from the newest one to as far as somebody scrolled. Its first page, the head, is live;
 * the pages behind it are read once. `mergePage` puts them together, so that no job is lost or repeated.
 */
export class JobList {
  /** @type {import('../../clients/src/list/live-list.ts').LiveList<Row>} */
  #list = emptyList;
  #fits;

  /** @param {(job: Job) => boolean} fits says whether a job that has changed is still in the list. */
  constructor(fits) {
    this.#fits = fits;
  }

  /** All jobs, from the newest one on. */
  get jobs() {
    return jobsOf(this.#list.rows).filter((job) => this.#fits(job));
  }

  /** The jobs that are not live by themselves. */
  get jobsBehindHead() {
    return jobsOf(this.#list.rows.slice(this.#headLength)).filter((job) => this.#fits(job));
  }

  /** Whether the list has more jobs than are known. */
  get hasMore() {
    return this.next !== null;
  }

  /** Whether a page must be read at once, because something is missing before the last job. */
  get isTorn() {
    return this.hasMore && this.next?.cursor !== this.#list.rows.at(-1)?.cursor;
  }

  /** The place behind which the next page is to be read: null if there is none. @returns {Place | null} */
  get next() {
    const cursor = nextCursor(this.#list, keyOf);
    return cursor === null ? null : { cursor, rechecks: this.#list.rechecks };
  }

  /** Takes the first page of the list as it is now. @param {Page} head */
  showHead(head) {
    this.#list = mergePage(this.#list, toListPage(head), null, keyOf);
  }

  /**
   * Takes the page behind a place that was `next`. If the list was to be read again since, so is this page, and where it
   * ends the list, it is ignored.
   * @param {Place} place @param {Page} page
   */
  showPage({ cursor, rechecks }, page) {
    const isOld = rechecks !== this.#list.rechecks;
    if (isOld && !page.pageInfo.hasNextPage) return;
    this.#list = mergePage(this.#list, toListPage(page), cursor, keyOf);
    if (isOld) this.#recheck();
  }

  /** Takes a job as it is now. If it has left the list, others may have come in its place. @param {Job} job */
  update(job) {
    const rows = this.#list.rows.map((row) => (row.job?.id === job.id ? { ...row, job } : row));
    this.#list = { ...this.#list, rows };
    if (!this.#fits(job)) this.#recheck();
  }

  #recheck() {
    this.#list = recheck(this.#list, this.#headLength, keyOf);
  }

  get #headLength() {
    return this.#list.head?.length ?? 0;
  }
}

/** @param {Page} page */
function toListPage({ edges, pageInfo, totalCount, fetchedAt, sources }) {
  return {
    rows: edges.map(({ cursor, node }) => ({
      cursor,
      job: node,
      weight: Math.max(1, node?.keys.length ?? 1),
    })),
    hasNextPage: pageInfo.hasNextPage,
    totalCount,
    fetchedAt,
    answered: sources.flatMap(({ key, error }) => (error === null ? key : [])),
    failed: sources.flatMap(({ key, error }) => (error === null ? [] : key)),
  };
}

/** A job that cannot be read has no id: the cursor tells it from others. @param {Row} row */
function keyOf({ job, cursor }) {
  return job?.id ?? cursor;
}

/** @param {readonly Row[]} rows */
function jobsOf(rows) {
  return rows.flatMap(({ job }) => job ?? []);
}
