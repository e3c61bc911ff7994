import { element, find } from './element.js';
import { toInstant, toNumber } from './formats.js';
import { drawHistogram } from './histogram.js';
import { statusBadge } from './status-badge.js';

const QUERY = `query JobDetail($qrn: String!) {
  job(qrn: $qrn) {
    qrn
    name
    status
    statusMsg
    shots
    device {
      name
    }
    vendor
    provider
    experimentType
    tags
    queuePosition
    cost
    estimatedCost
    createdAt
    timeStamps {
      endedAt
    }
    keys
    result {
      shots
      measurementCounts(first: 24) {
        bitstring
        count
        probability
      }
    }
  }
}`;

/** The dialog about one job. It follows the job as long as it is open. */
export class JobDetail {
  #dialog = find('detail');
  #connection = null;
  #qrn = null;

  constructor() {
    this.#dialog.addEventListener('close', () => this.#forget());
    // A click beside the dialog is one on its backdrop.
    this.#dialog.addEventListener('click', ({ target }) => target === this.#dialog && this.#dialog.close());
  }

  /** Shows a job. */
  open(connection, { qrn, name }) {
    this.#connection = connection;
    this.#qrn = qrn;
    this.#show({ name, qrn }, element('p', {}, 'Loading…'));
    this.#dialog.showModal();
    void this.#load();
  }

  /** Looks again if one of these jobs is the one that is shown. */
  follow(changedQrns) {
    if (changedQrns.includes(this.#qrn)) void this.#load();
  }

  close() {
    this.#dialog.close();
    this.#forget();
  }

  async #load() {
    const [connection, qrn] = [this.#connection, this.#qrn];
    const answer = await connection.ask(QUERY, { qrn }).catch(({ message }) => ({ errors: [{ message }] }));
    if (connection.isClosed || qrn !== this.#qrn) return;
    const job = answer.data?.job;
    const problems = (answer.errors ?? []).map(({ message }) =>
      element('p', { className: 'problem' }, message),
    );
    if (job == null) this.#show({ qrn }, ...problems);
    else this.#show(job, toFacts(job), ...problems, ...toResult(job));
  }

  #show({ name, qrn }, ...content) {
    find('detail-name').textContent = name ?? 'Without a name';
    find('detail-qrn').textContent = qrn;
    find('detail-content').replaceChildren(...content);
  }

  #forget() {
    this.#connection = null;
    this.#qrn = null;
    find('detail-content').replaceChildren();
  }
}

function toFacts(job) {
  const facts = {
    Status: statusBadge(job.status),
    Message: job.statusMsg,
    'Queue position': job.queuePosition === null ? null : toNumber(job.queuePosition),
    Device: job.device?.name,
    Vendor: job.vendor,
    Provider: job.provider,
    Program: job.experimentType,
    Shots: toNumber(job.shots),
    Created: toInstant(job.createdAt),
    Ended: toInstant(job.timeStamps?.endedAt),
    Credits: job.cost === null ? `${toNumber(job.estimatedCost)} expected` : toNumber(job.cost),
    Tags: Object.entries(job.tags)
      .map(([name, value]) => `${name}: ${value}`)
      .join(', '),
    'Seen with': job.keys.join(', '),
  };
  const known = Object.entries(facts).filter(([, value]) => value != null && value !== '');
  return element(
    'dl',
    { className: 'facts' },
    ...known.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );
}

function toResult({ status, result }) {
  if (result == null)
    return status === 'COMPLETED' ? [] : [element('p', {}, 'A job has a result once it is COMPLETED.')];
  const title = element('h3', {}, 'Result');
  const counts = result.measurementCounts;
  if (counts == null)
    return [title, element('p', {}, 'The result has another shape than counts of outcomes.')];
  const rest = result.shots - counts.reduce((sum, { count }) => sum + count, 0);
  const note = rest > 0 ? `The other outcomes were measured ${toNumber(rest)} times.` : '';
  return [title, element('p', {}, `${toNumber(result.shots)} shots. ${note}`), drawHistogram(counts)];
}
