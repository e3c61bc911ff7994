import type { Stretch } from './list/read-slice.ts';
import type { PageWindow } from './page-window.ts';

/** Whether a page has jobs around it. */
export interface Neighbours {
  readonly hasLeading: boolean;
  readonly hasTrailing: boolean;
}

/**
 * The neighbours of a page, by counting alone.
 *
 * @param begins For each key, the place where the page begins.
 * @param stops For each key, the place where the page must stop; none where nothing stops it.
 * @returns null where counting does not tell: jobs that two keys see count twice.
 */
export function countNeighbours(
  { direction, count }: PageWindow,
  begins: readonly Stretch[],
  stops: readonly Stretch[],
): Neighbours | null {
  const [inFront, behind] = direction === 'forward' ? [leadingOf, trailingOf] : [trailingOf, leadingOf];
  const passed = begins.map(inFront);
  const ahead = begins.map(behind);
  const beyond = stops.map(behind);
  const open = ahead.map((jobs, index) => jobs - (beyond[index] ?? 0));
  const isFull = Math.max(0, ...open) > count;
  if (!isFull && sum(open) > count && sum(beyond) === 0) return null;
  const [near, far] = [sum(passed) > 0, isFull || sum(beyond) > 0];
  return direction === 'forward'
    ? { hasLeading: near, hasTrailing: far }
    : { hasLeading: far, hasTrailing: near };
}

function leadingOf({ leading }: Stretch): number {
  return leading;
}

function trailingOf({ trailing }: Stretch): number {
  return trailing;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
