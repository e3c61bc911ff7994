import { locate } from './locate.ts';
import type { Boundary, Direction } from './place.ts';
import type { Stretch } from './read-stretch.ts';

/**
 * Cuts off what lies beyond a boundary: behind it, where the stretch was read forward, in front of it, where it was
 * read backward. What is cut off still counts as leading or trailing.
 */
export function trimStretch(stretch: Stretch, boundary: Boundary, direction: Direction): Stretch {
  const { entries, from, to } = stretch;
  const index = Math.min(Math.max(from, indexOf(stretch, boundary, direction)), to);
  return direction === 'forward'
    ? { ...stretch, entries: entries.slice(0, index), to: index, trailing: stretch.trailing + to - index }
    : { ...stretch, from: index, leading: stretch.leading + index - from };
}

function indexOf(
  { entries, from, to, leading, trailing, total }: Stretch,
  boundary: Boundary,
  direction: Direction,
) {
  const offset = leading - from;
  const location = locate({ entries, offset, total, isEnd: trailing === 0 }, boundary, direction);
  switch (location) {
    case 'in-front':
      return from;
    case 'behind':
      return to;
    case 'unknown':
      return typeof boundary === 'object' ? boundary.offset - offset : to;
    default:
      return location;
  }
}
