import { element } from './element.js';
import { toInstant, toNumber, toText } from './formats.js';

/** The rows of the table of jobs. A row stays while its job does, so that the keyboard does not lose it. */
export class JobRows {
  #body;
  #actions;
  #rows = new Map();

  /**
   * @param body the `tbody` to fill
   * @param actions what a click does: `open(job)` and `pickVendor(vendor)`
   */
  constructor(body, actions) {
    this.#body = body;
    this.#actions = actions;
  }

  /** Shows these jobs in their order. Those of `changed` light up. */
  show(jobs, changed) {
    this.#rows = new Map(jobs.map((job) => [job.id, this.#rows.get(job.id) ?? new JobRow(this.#actions)]));
    const rows = [...this.#rows.values()].map(({ root }) => root);
    const kept = new Set(rows);
    for (const row of [...this.#body.children]) if (!kept.has(row)) row.remove();
    for (const [index, row] of rows.entries()) {
      const there = this.#body.children[index];
      if (there !== row) this.#body.insertBefore(row, there ?? null);
    }
    for (const job of jobs) this.#rows.get(job.id).show(job, changed.has(job.id));
  }

  clear() {
    this.show([], new Set());
  }
}

/** One row. Its roles stand in the document because the style of a small screen takes those of a table away. */
class JobRow {
  #job = null;
  #parts = {
    name: element('button', { type: 'button', className: 'name' }),
    qrn: element('small'),
    device: element('span'),
    vendor: element('button', { type: 'button', className: 'vendor' }),
    status: element('span'),
    queuePosition: element('span'),
    cost: element('span'),
    createdAt: element('span'),
  };
  root;

  constructor({ open, pickVendor }) {
    const { name, qrn, device, vendor, status, queuePosition, cost, createdAt } = this.#parts;
    name.addEventListener('click', () => open(this.#job));
    vendor.addEventListener('click', () => pickVendor(this.#job.vendor));
    this.root = element(
      'tr',
      { role: 'row' },
      element('th', { scope: 'row', role: 'rowheader' }, name, qrn),
      cell('Device', device, vendor),
      cell('Status', status),
      cell('Queue position', queuePosition),
      cell('Credits', cost),
      cell('Created', createdAt),
    );
  }

  show(job, isChanged) {
    if (isChanged) this.#lightUp();
    if (this.#job === job) return;
    this.#job = job;
    const { name, qrn, device, vendor, status, queuePosition, cost, createdAt } = this.#parts;
    name.textContent = job.name ?? 'Without a name';
    qrn.textContent =
      job.keys.length > 0 && job.keys[0] !== 'default' ? `${job.keys.join(', ')} · ${job.qrn}` : job.qrn;
    qrn.title = job.qrn;
    device.textContent = toText(job.deviceQrn);
    vendor.textContent = job.vendor ?? '';
    vendor.hidden = job.vendor === null;
    vendor.title = `Only jobs of ${job.vendor}`;
    status.className = `status ${job.status}`;
    status.textContent = job.status;
    queuePosition.textContent = toNumber(job.queuePosition);
    cost.textContent = toNumber(job.cost);
    createdAt.textContent = toInstant(job.createdAt);
  }

  #lightUp() {
    this.root.classList.remove('changed');
    // The animation begins anew only if the browser sees the row without it.
    void this.root.offsetWidth;
    this.root.classList.add('changed');
  }
}

function cell(label, ...content) {
  const made = element('td', {}, ...content);
  made.setAttribute('role', 'cell');
  made.dataset.label = label;
  return made;
}
