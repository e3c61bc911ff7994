import { isPlainObject } from '../lib/is-plain-object.ts';
import { isUnset, MISFIT, orNull, type Raw, toNumber, toText, toWholeNumber } from './decode-values.ts';
import type { Device, DevicePricing } from './device.ts';
import type { JobDevice } from './job.ts';

/** Decodes what a job says of its device. Throws {@link MISFIT} where a field has another type than the contract says. */
export function toJobDevice(raw: Raw): JobDevice {
  return {
    qrn: toText(raw['qrn']),
    name: toText(raw['name']),
    deviceType: toText(raw['deviceType']),
    vendor: toText(raw['vendor']),
    status: toText(raw['status']),
  };
}

/**
 * Decodes a device.
 *
 * @returns null if a field has another type than the contract says.
 */
export function decodeDevice(raw: Raw): Device | null {
  return orNull(() => ({
    ...toJobDevice(raw),
    statusMsg: toText(raw['statusMsg']),
    queueDepth: toWholeNumber(raw['queueDepth']),
    avgQueueTime: toNumber(raw['avgQueueTime']),
    pricing: toPricing(raw['pricing']),
  }));
}

function toPricing(raw: unknown): DevicePricing | null {
  if (isUnset(raw)) return null;
  if (!isPlainObject(raw)) throw MISFIT;
  return {
    perTask: toNumber(raw['perTask']),
    perShot: toNumber(raw['perShot']),
    perMinute: toNumber(raw['perMinute']),
  };
}
