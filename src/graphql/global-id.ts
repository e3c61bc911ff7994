import { isQrn } from '../jobs/qrn.ts';
import { invalidInput } from '../lib/gateway-error.ts';

const PREFIX = 'Job:';

/** No id is longer: the longest name has 255 characters of four bytes, and base64 makes four of three. */
const MAX_ID_CHARACTERS = 1366;

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
  const text = id.length > MAX_ID_CHARACTERS ? '' : Buffer.from(id, 'base64url').toString();
  const qrn = text.slice(PREFIX.length);
  if (!text.startsWith(PREFIX) || !isQrn(qrn) || toGlobalId(qrn) !== id) {
    throw invalidInput(
      '`id` must be the `id` of a job as this gateway gives it, got another text: take it from an answer, or use `job(qrn:)` with a QRN.',
    );
  }
  return qrn;
}
