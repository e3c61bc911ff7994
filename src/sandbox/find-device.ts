import { assertQrn } from './assert-qrn.ts';
import { deviceCatalog, type SandboxDevice } from './device-catalog.ts';
import { Refusal } from './refusal.ts';

/** Finds the device with this QRN. Throws a `Refusal`: 422 where no device can be called that, 404 where none is. */
export function findDevice(qrn: string): SandboxDevice {
  assertQrn(qrn, 'device_qrn');
  const device = deviceCatalog.find((candidate) => candidate.qrn === qrn);
  if (device === undefined) throw new Refusal(404, 'NOT_FOUND', 'Device not found');
  return device;
}
