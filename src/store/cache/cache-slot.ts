import type { FetchedJob } from '../../jobs/list-page.ts';
import { UpstreamError } from '../../upstream/upstream-error.ts';
import type { CachedJob, CachedPage } from './cached.ts';

/** What the memory keeps under one id, and roughly how many bytes that takes. */
export type CacheSlot = JobSlot | ListSlot | MissingSlot;

export interface JobSlot extends CachedJob {
  readonly kind: 'job';
  readonly bytes: number;
}

/** Pages of one list, the one read last first. */
export interface ListSlot {
  readonly kind: 'list';
  readonly pages: readonly PageInSlot[];
  readonly bytes: number;
}

export interface PageInSlot extends CachedPage {
  readonly bytes: number;
}

/** Stands for something that was looked for in vain. */
export interface MissingSlot {
  readonly kind: 'missing';
  readonly bytes: 0;
}

/** What any entry takes besides its own, and a job besides what may be large in it. */
const ENTRY_BYTES = 200;
const JOB_BYTES = 800;

/** What a slot takes with its id and its place in the memory, in bytes. */
export function slotBytes({ bytes }: CacheSlot, id: string): number {
  return ENTRY_BYTES + 2 * id.length + bytes;
}

/** What came of reading a job takes so many bytes: its many small fields, and those that may be large. */
export function jobBytes(outcome: FetchedJob | UpstreamError): number {
  if (outcome instanceof UpstreamError) return JOB_BYTES;
  const { tags, runtimeOptions, metadata, name, statusMsg } = outcome.job;
  return JOB_BYTES + 2 * JSON.stringify([tags, runtimeOptions, metadata, name, statusMsg]).length;
}
