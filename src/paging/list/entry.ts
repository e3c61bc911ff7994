import { hash } from 'node:crypto';
import { isFailure } from '../../jobs/failures.ts';
import type { ListItem } from '../../jobs/list-page.ts';

/** One row of a list as it was read: the item, its offset, and the total of the list then. */
export interface Entry {
  readonly item: ListItem;
  readonly offset: number;
  readonly total: number;
}

/** Stands for a job in a cursor: 48 bits of a hash, from which nobody finds the name of the job. */
export type Anchor = string;

/** A short digest: 48 bits, as 8 URL-safe characters. */
export function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 8);
}

/**
 * The anchor of a row. A job has the same anchor in every state. Rows without a name may look the same, so their anchor
 * alone does not tell where they are.
 */
export function toAnchor({ item }: Entry): Anchor {
  const text = digest(item.identity);
  return item.isNamed ? text : `${NAMELESS}${text.slice(1)}`;
}

/** Whether no other job has this anchor. */
export function isUnique(anchor: Anchor): boolean {
  return !anchor.startsWith(NAMELESS);
}

/** No digest begins with it. */
const NAMELESS = '~';

/** Equal for entries of the same job. A row without a name equals no other row. */
export function keyOf({ item }: Entry): string | ListItem {
  return item.isNamed ? item.identity : item;
}

/** When the job of a row was created, in milliseconds since the epoch. Null where the row does not tell. */
export function createdAtMs({ item }: Entry): number | null {
  return isFailure(item.job) ? null : (item.job.job.createdAt?.getTime() ?? null);
}
