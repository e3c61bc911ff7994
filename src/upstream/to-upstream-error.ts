import { errors } from 'undici';
import { invalidResponse, UpstreamError } from './upstream-error.ts';

/**
 * The error for whatever stopped an exchange. Faults of the connection (refused, reset, cut off, no such host) mean
 * that the service is unavailable; an answer that is no HTTP, or too large, is an invalid one.
 */
export function toUpstreamError(error: unknown): UpstreamError {
  if (error instanceof UpstreamError) return error;
  if (error instanceof errors.HTTPParserError)
    return invalidResponse('The service sent an answer that is no HTTP.');
  if (error instanceof errors.ResponseExceededMaxSizeError) {
    return invalidResponse('The service sent an answer that is too large to be one.');
  }
  return new UpstreamError('unavailable', `The connection to the service failed (${faultOf(error)}).`);
}

/** The system's name for a fault, such as ECONNREFUSED: its message could name addresses of the inner network. */
function faultOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'no known cause';
}
