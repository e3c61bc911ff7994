import { JobList } from './job-list.js';

const JOB = `fragment JobRow on Job {
  id
  qrn
  name
  deviceQrn
  vendor
  status
  isTerminal
  queuePosition
  cost
  createdAt
  keys
}`;

const JOBS = `fragment JobPage on JobConnection {
  totalCount
  fetchedAt
  sources {
    key
    error {
      code
      message
    }
  }
  edges {
    cursor
    node {
      ...JobRow
    }
  }
  pageInfo {
    hasNextPage
  }
}
${JOB}`;

const HEAD = `subscription LiveJobs($filter: JobFilter) {
  jobsChanged(filter: $filter, first: 25) {
    isStale
    ...JobPage
  }
}
${JOBS}`;

const PAGE = `query OlderJobs($filter: JobFilter, $after: String!) {
  jobs(filter: $filter, first: 50, after: $after) {
    ...JobPage
  }
}
${JOBS}`;

const UPDATES = `subscription OlderJobsThatMove($qrns: [String!]!) {
  jobUpdated(qrns: $qrns) {
    ...JobRow
  }
}
${JOB}`;

/** As many jobs as one subscription may watch. */
const MAX_WATCHED = 200;

/**
 * A list of jobs with a filter, as it moves: its head and its older jobs that have not ended by subscriptions, and its pages
 * behind the head as they are asked for.
 */
export class JobFeed {
  #connection;
  #filter;
  #told;
  #list;
  #isLoading = false;
  #ends = { head: () => {}, updates: () => {} };
  #watched = '';
  #isClosed = false;

  /**
   * @param connection says with which keys
   * @param filter a `JobFilter`
   * @param told is called with what is new: `changed(list, head)`, where `head` is null if only the list is new, and
   * `failed(message)`
   */
  constructor(connection, filter, told) {
    this.#connection = connection;
    this.#filter = filter;
    this.#told = told;
    this.#list = new JobList((job) => isLetThrough(job, filter));
    this.#ends.head = connection.watch(
      HEAD,
      { filter },
      {
        next: ({ data, errors }) =>
          data == null ? this.#fail(errors[0].message) : this.#showHead(data.jobsChanged),
        failed: (message) => this.#fail(message),
      },
    );
  }

  /** Reads the next page, unless there is none or one is on its way. */
  async loadMore() {
    const place = this.#list.next;
    if (place === null || this.#isLoading || this.#isClosed) return;
    this.#isLoading = true;
    try {
      const { data, errors } = await this.#connection.ask(PAGE, {
        filter: this.#filter,
        after: place.cursor,
      });
      if (data?.jobs == null) throw new Error(errors[0].message);
      this.#list.showPage(place, data.jobs);
    } catch ({ message }) {
      this.#isLoading = false;
      this.#fail(message);
      return;
    }
    // Before the change is told, which may ask for the next page.
    this.#isLoading = false;
    if (!this.#isClosed) this.#change(null);
  }

  close() {
    this.#isClosed = true;
    this.#ends.head();
    this.#ends.updates();
  }

  #showHead(head) {
    if (this.#isClosed) return;
    this.#list.showHead(head);
    this.#change(head);
  }

  #showUpdate(job) {
    if (this.#isClosed) return;
    this.#list.update(job);
    this.#change(null);
  }

  #change(head) {
    this.#told.changed(this.#list, head);
    this.#watchOlderJobs();
    if (this.#list.isTorn) void this.loadMore();
  }

  #watchOlderJobs() {
    const moving = this.#list.jobsBehindHead.filter(
      ({ isTerminal, status }) => !isTerminal && status !== 'HOLD',
    );
    const qrns = moving.slice(0, MAX_WATCHED).map(({ qrn }) => qrn);
    if (qrns.join() === this.#watched) return;
    this.#watched = qrns.join();
    this.#ends.updates();
    this.#ends.updates = () => {};
    if (qrns.length === 0) return;
    this.#ends.updates = this.#connection.watch(
      UPDATES,
      { qrns },
      {
        next: ({ data }) => data?.jobUpdated && this.#showUpdate(data.jobUpdated),
        // Once all its jobs have ended. If the gateway restarts, the others are watched again.
        ended: () => {
          this.#watched = '';
          if (!this.#isClosed) this.#watchOlderJobs();
        },
      },
    );
  }

  #fail(message) {
    if (!this.#isClosed) this.#told.failed(message);
  }
}

/** Whether a job is still in the list with this filter. Only its status can move it out. */
function isLetThrough({ status, isTerminal }, filter) {
  if (filter.status) return status === filter.status;
  return filter.statusGroup !== (isTerminal ? 'PENDING' : 'RETURNED');
}
