import type { JobState } from './job-state.ts';
import type { Refusal } from './refusal.ts';

/** What an error's body may tell of its request. */
export interface RefusalContext {
  readonly nowMs: number;
  readonly requestId: string;
}

/** How jobs and errors are written into bodies. */
export interface AnswerShape {
  toJob(state: JobState): object;
  toError(refusal: Refusal, context: RefusalContext): object;
}
