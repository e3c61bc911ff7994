import { element } from './element.js';

/** A status as a coloured badge. */
export function statusBadge(status) {
  return element('span', { className: `status ${status}` }, status);
}
