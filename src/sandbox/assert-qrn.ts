import { Refusal } from './refusal.ts';

/** Throws a `Refusal` with 422 where nothing can be called that. `parameter` is the name of the part of the path. */
export function assertQrn(qrn: string, parameter: string): void {
  if (/^[!-~]{1,255}$/.test(qrn)) return;
  const fault = { loc: ['path', parameter], msg: 'Input should be a valid QRN', type: 'value_error' };
  throw new Refusal(422, 'VALIDATION_ERROR', 'Validation failed', { faults: [fault] });
}
