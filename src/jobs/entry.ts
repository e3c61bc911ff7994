import { createHash } from 'node:crypto';
import { UpstreamError } from '../upstream/upstream-error.ts';
import type { ListItem } from './list-page.ts';

/** A place of one key's list as it was read: what stands there, at which offset, of how many. */
export interface Entry {
  readonly item: ListItem;
  readonly offset: number;
  readonly total: number;
}

/** Stands for a job in a cursor: 48 bits of its identity's hash, far too few to find the job's name from. */
export type Anchor = string;

/** The anchor of what stands at a place. Equal for the same job, whatever its state. */
export function toAnchor({ item }: Entry): Anchor {
  return createHash('sha256').update(item.identity).digest('base64url').slice(0, 8);
}

/** When the job at a place was created, in milliseconds since the epoch: null where nobody knows. */
export function createdAtMs({ item }: Entry): number | null {
  return item.job instanceof UpstreamError ? null : (item.job.job.createdAt?.getTime() ?? null);
}
