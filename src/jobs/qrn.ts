import { invalidInput } from '../lib/gateway-error.ts';
import { invalidResponse } from '../upstream/upstream-error.ts';

/**
 * Whether `text` can be the name of a job or a device: 1 to 255 printable characters with a `:` and without white space or any of
 * `/ \ ? # %`. Whatever else, it then stays one segment of an upstream path and reaches no other route.
 */
export function isQrn(text: string): boolean {
  return /^[^\s\p{C}/\\?#%]{1,255}$/u.test(text) && text.includes(':');
}

/**
 * Gives `qrn` back.
 *
 * @throws {GatewayError} `invalid-input` where it cannot be the name of a job or a device.
 */
export function assertQrn(qrn: string): string {
  if (isQrn(qrn)) return qrn;
  throw invalidInput(
    '`qrn` must be 1 to 255 printable characters with a `:` and without spaces or any of `/ \\ ? # %`, got ' +
      `${JSON.stringify(qrn.length > 50 ? `${qrn.slice(0, 50)}…` : qrn)}: send the \`qrn\` of a job.`,
  );
}

/**
 * Gives the QRN of a job's batch back.
 *
 * @throws {UpstreamError} where it cannot be the name of a job: upstream sent it, the client is not to blame.
 */
export function assertBatchQrn(qrn: string): string {
  if (isQrn(qrn)) return qrn;
  throw invalidResponse('The qBraid API sent a job whose batch has no name that can be asked for.');
}

/**
 * Gives the QRN of a job's device back.
 *
 * @throws {UpstreamError} where it cannot be the name of a device: upstream sent it, the client is not to blame.
 */
export function assertDeviceQrn(qrn: string): string {
  if (isQrn(qrn)) return qrn;
  throw invalidResponse('The qBraid API sent a job whose device has no name that can be asked for.');
}
