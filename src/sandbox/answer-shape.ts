import type { components } from '../upstream/qbraid.generated.ts';
import type { DeviceState } from './device-state.ts';
import type { JobState } from './job-state.ts';
import type { Refusal } from './refusal.ts';

/** What an error's body may tell of its request. */
export interface RefusalContext {
  readonly nowMs: number;
  readonly requestId: string;
}

/** How what the sandbox knows is written into bodies. */
export interface AnswerShape {
  toJob(state: JobState): object;
  toJobResult(state: JobState, resultData: components['schemas']['ResultData']): object;
  toDevice(state: DeviceState): object;
  /** The whole body of the answer to a request to cancel: with an envelope, or without. */
  toCancelAnswer(cancellation: components['schemas']['Cancellation']): object;
  toError(refusal: Refusal, context: RefusalContext): object;
}
