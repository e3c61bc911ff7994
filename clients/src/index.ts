export {
  createJobsClient,
  type JobsClient,
  type JobsClientOptions,
  type JobsEvent,
  type OperationText,
  type SubscribeOptions,
} from './client/create-jobs-client.ts';
export { type ErrorCode, errorCodes } from './core/error-code.ts';
export { type AnswerError, JobsError } from './core/jobs-error.ts';
export { hasCode, retryAfterMs } from './core/read-errors.ts';
export { hasGap } from './list/has-gap.ts';
export { emptyList, type ListPage, type LiveList, type Row } from './list/live-list.ts';
export { mergePage } from './list/merge-page.ts';
export { nextCursor } from './list/next-cursor.ts';
export { recheck } from './list/recheck.ts';
