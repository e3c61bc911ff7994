import { hash } from 'node:crypto';
import type { ListItem } from '../../jobs/list-page.ts';
import { UpstreamError } from '../../upstream/upstream-error.ts';

/** A place of one key's list as it was read: what stands there, at which offset, of how many. */
export interface Entry {
  readonly item: ListItem;
  readonly offset: number;
  readonly total: number;
}

/** Stands for a job in a cursor: 48 bits of a hash, far too few to find the job's name from. */
export type Anchor = string;

/** A short digest: 48 bits, as 8 URL-safe characters. */
export function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 8);
}

/**
 * The anchor of what stands at a place: for the same job the same one, whatever its state. What has no name may look
 * like others of its kind, so that its anchor alone does not tell where it is.
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

/** Equal for entries of the same job. What has no name is equal to nothing else that was read. */
export function keyOf({ item }: Entry): string | ListItem {
  return item.isNamed ? item.identity : item;
}

/** When the job at a place was created, in milliseconds since the epoch: null where nobody knows. */
export function createdAtMs({ item }: Entry): number | null {
  return item.job instanceof UpstreamError ? null : (item.job.job.createdAt?.getTime() ?? null);
}
