import { UpstreamError } from '../upstream/upstream-error.ts';

/** Whether a value stands for what the service did not give. */
export function isFailure(value: unknown): value is UpstreamError {
  return value instanceof UpstreamError;
}
