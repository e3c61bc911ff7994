import { isQrn } from '../jobs/qrn.ts';
import { invalidInput } from '../lib/gateway-error.ts';

const PREFIX = 'Job:';

/** The global id of a job: opaque to clients, the same under every key. */
export function toGlobalId(qrn: string): string {
  return Buffer.from(PREFIX + qrn).toString('base64url');
}

/**
 * The QRN of the job with this global id.
 *
 * @throws {GatewayError} `invalid-input` where `id` is none of this gateway's.
 */
export function fromGlobalId(id: string): string {
  const text = Buffer.from(id, 'base64url').toString();
  const qrn = text.slice(PREFIX.length);
  if (!text.startsWith(PREFIX) || !isQrn(qrn) || toGlobalId(qrn) !== id) {
    throw invalidInput('`id` must be the `id` of an object of this gateway, got something else.');
  }
  return qrn;
}
