import { isQrn } from '../jobs/qrn.ts';
import { invalidInput } from '../lib/gateway-error.ts';

const PREFIX = 'Job:';

/** Makes the global id of a job. It is opaque to clients, and the same for every key. */
export function toGlobalId(qrn: string): string {
  return Buffer.from(PREFIX + qrn).toString('base64url');
}

/**
 * Reads the QRN of a job from its global id.
 *
 * @throws {GatewayError} `invalid-input` if this gateway never makes such an id.
 */
export function fromGlobalId(id: string): string {
  const text = Buffer.from(id, 'base64url').toString();
  const qrn = text.slice(PREFIX.length);
  if (!text.startsWith(PREFIX) || !isQrn(qrn) || toGlobalId(qrn) !== id) {
    throw invalidInput('`id` must be the `id` of an object of this gateway, got something else.');
  }
  return qrn;
}
