/**
 * @typedef {{ readonly id: string, readonly keys: readonly string[] }} Job As much of a job as the list must know.
 * @typedef {{ readonly cursor: string, readonly node: Job | null }} Edge
 * @typedef {{ readonly edges: readonly Edge[], readonly pageInfo: { readonly hasNextPage: boolean } }} Page
 * @typedef {Page & { readonly totalCount: number }} Head
 * @typedef {{ readonly cursor: string, readonly id: string, readonly version: number }} Place
 */

/**
 * The beginning of a list of jobs, from the newest one to as far as somebody scrolled. Its first page, the head, is live;
 * the pages behind it are read once. Put together naively, they lose the jobs that new ones push out of the head, and keep
 * those that left the list.
 *
 * The rule: pages are parts of one list without gaps. So what is known behind the last job that a page shares with it is
 * still what follows, and all else in front of that is gone. If a page shares no job with what is known, or if the number
 * of jobs behind the head is not what it must be, then the rest is read again from there. Only one thing stays hidden until
 * the next change: that a job comes behind the head while another one leaves where nobody has scrolled to.
 */
export class JobList {
  /** @type {{ cursor: string, node: Job }[]} */
  #edges = [];
  #headLength = 0;
  /** Whether the list is longer than its head. */
  #isLonger = false;
  /** How many of the jobs are sure to stand in the list without gaps. The rest is shown, and read again. */
  #sureLength = 0;
  /** How many jobs the list has behind its head, as the keys count them. */
  #behind = 0;
  #hasMore = false;
  /** Counts the changes beside new jobs at the top: a page that was asked for before is too old. */
  #version = 0;

  /** All jobs, from the newest one on. */
  get jobs() {
    return this.#edges.map(({ node }) => node);
  }

  /** The jobs that are not live by themselves. */
  get jobsBehindHead() {
    return this.jobs.slice(this.#headLength);
  }

  /** Whether the list has more jobs than are known. */
  get hasMore() {
    return this.#hasMore;
  }

  /** Whether a page must be read at once, because what is known of the rest is wrong. */
  get isTorn() {
    return this.#sureLength < this.#edges.length;
  }

  /** The place behind which the next page is to be read: null if there is none. @returns {Place | null} */
  get next() {
    const last = this.#edges[this.#sureLength - 1];
    if (last === undefined || !(this.isTorn || this.#hasMore)) return null;
    return { cursor: last.cursor, id: last.node.id, version: this.#version };
  }

  /** Takes the first page of the list as it is now. @param {Head} head */
  showHead(head) {
    const before = this.#edges;
    const headLengthBefore = this.#headLength;
    this.#splice(0, head);
    this.#headLength = edgesOf(head).length;
    this.#isLonger = head.pageInfo.hasNextPage;
    const behind = head.totalCount - count(this.#edges.slice(0, this.#headLength));
    const expected =
      this.#behind + count(this.#edges.slice(this.#headLength)) - count(before.slice(headLengthBefore));
    this.#behind = behind;
    if (behind !== expected) this.#tear();
    else if (!endsWith(this.#edges, before)) this.#version += 1;
  }

  /** Takes the page behind a place that was `next`. Ignores it if the list has changed there. @param {Place} place @param {Page} page */
  showPage({ id, version }, page) {
    const index = this.#edges.findIndex(({ node }) => node.id === id);
    if (version === this.#version && index !== -1) this.#splice(index + 1, page);
  }

  /** Takes a job as it is now, where it stands. @param {Job} job */
  update(job) {
    this.#edges = this.#edges.map((edge) => (edge.node.id === job.id ? { ...edge, node: job } : edge));
  }

  /** Takes away a job that has left the list. Others may have come in its place: the rest is read again. @param {string} id */
  remove(id) {
    const index = this.#edges.findIndex(({ node }) => node.id === id);
    // What leaves the head is not in the next one.
    if (index < this.#headLength) return;
    this.#edges = this.#edges.toSpliced(index, 1);
    // Nobody knows whether the last head counted it.
    this.#behind = Number.NaN;
    this.#tear();
  }

  #tear() {
    this.#sureLength = this.#headLength;
    this.#version += 1;
    if (!this.isTorn) this.#hasMore = this.#isLonger;
  }

  /** Puts a page where it belongs. @param {number} start @param {Page} page */
  #splice(start, page) {
    const added = edgesOf(page);
    const ids = new Set(added.map(({ node }) => node.id));
    const before = this.#edges.slice(0, start).filter(({ node }) => !ids.has(node.id));
    const after = this.#edges.slice(start);
    const shared = after.findLastIndex(({ node }) => ids.has(node.id));
    const isWhole = !page.pageInfo.hasNextPage;
    const rest = isWhole || shared === -1 ? [] : after.slice(shared + 1);
    const sureRest = Math.max(0, this.#sureLength - start - (after.length - rest.length));
    this.#edges = [...before, ...added, ...rest];
    if (rest.length === 0) this.#hasMore = !isWhole;
    if (start <= this.#sureLength)
      this.#sureLength = before.length + added.length + Math.min(sureRest, rest.length);
  }
}

/** The jobs of a page that can be read. @param {Page} page */
function edgesOf({ edges }) {
  return /** @type {{ cursor: string, node: Job }[]} */ (edges.filter(({ node }) => node !== null));
}

/** Whether a list is another one with more in front of it. @param {{ node: Job }[]} edges @param {{ node: Job }[]} end */
function endsWith(edges, end) {
  return end.every(({ node }, index) => edges[edges.length - end.length + index]?.node.id === node.id);
}

/** How often the keys count these jobs: each key counts those that it sees. @param {{ node: Job }[]} edges */
function count(edges) {
  return edges.reduce((sum, { node }) => sum + Math.max(1, node.keys.length), 0);
}
