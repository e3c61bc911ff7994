import { element, find } from './element.js';
import { toNumber } from './formats.js';
import { statusBadge } from './status-badge.js';

const SUBSCRIPTION = `subscription JobCounts {
  jobCountsChanged {
    total
    active
    byStatus {
      status
      count
    }
  }
}`;

/** How many jobs the keys have, by status. A click on a status narrows the list to it. */
export class Counts {
  #pick;
  #buttons = new Map();

  /** @param {(status: string) => void} pick */
  constructor(pick) {
    this.#pick = pick;
  }

  watch(connection) {
    const next = ({ data }) => (data == null ? this.clear() : this.#show(data.jobCountsChanged));
    connection.watch(SUBSCRIPTION, {}, { next, failed: () => this.clear() });
  }

  clear() {
    find('total').textContent = '–';
    find('active').textContent = '–';
    find('by-status').replaceChildren();
    this.#buttons.clear();
  }

  #show({ total, active, byStatus }) {
    find('total').textContent = toNumber(total);
    find('active').textContent = toNumber(active);
    for (const { status, count } of byStatus) {
      const button = this.#buttonOf(status);
      button.lastChild.textContent = toNumber(count);
      button.parentElement.hidden = count === 0;
    }
  }

  /** The buttons stay, so that the keyboard does not lose them. */
  #buttonOf(status) {
    const known = this.#buttons.get(status);
    if (known !== undefined) return known;
    const onclick = () => this.#pick(status);
    const button = element('button', { type: 'button', onclick }, statusBadge(status), element('b'));
    this.#buttons.set(status, button);
    find('by-status').append(element('li', {}, button));
    return button;
  }
}
