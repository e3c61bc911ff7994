import { invalidInput } from '../lib/gateway-error.ts';
import type { Direction } from './list/bookmark.ts';

/** The most jobs that one page of a connection holds. */
export const MAX_PAGE_SIZE = 500;

/** How many jobs it holds where nobody says how many. */
export const DEFAULT_PAGE_SIZE = 50;

/** The paging arguments of a connection. Null is the same as left out. */
export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** How many jobs to read, and which way. */
export interface PageWindow {
  readonly direction: Direction;
  readonly count: number;
}

/** @throws {GatewayError} `invalid-input` for a size out of bounds, and for both sizes at once. */
export function toPageWindow({ first, last }: PageArguments): PageWindow {
  if (isGiven(first) && isGiven(last)) {
    throw invalidInput('`first` and `last` exclude each other, got both: send one of them.');
  }
  if (isGiven(last)) return { direction: 'backward', count: assertSize('last', last) };
  return { direction: 'forward', count: assertSize('first', first ?? DEFAULT_PAGE_SIZE) };
}

function isGiven(size: number | null | undefined): size is number {
  return size !== null && size !== undefined;
}

function assertSize(name: string, size: number): number {
  if (size < 0 || size > MAX_PAGE_SIZE) {
    throw invalidInput(
      `\`${name}\` must be from 0 to ${MAX_PAGE_SIZE}, got ${size}: read longer lists page by page.`,
    );
  }
  return size;
}
