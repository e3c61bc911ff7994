import { isFailure } from '../jobs/failures.ts';
import type { Device } from '../upstream/device.ts';
import type { QbraidClient } from '../upstream/qbraid-client.ts';
import type { UpstreamError } from '../upstream/upstream-error.ts';
import type { Cached, PartitionedCache } from './cache/partitioned-cache.ts';
import { ValueCache } from './cache/value-cache.ts';
import type { Resource } from './read-through.ts';

export interface DeviceResourceParts {
  readonly client: Pick<QbraidClient, 'getDevice'>;
  readonly cache: PartitionedCache;
}

/** How long what is read of a device is fresh, in milliseconds. */
export const FRESH_DEVICE_MS = 60_000;

/** What a device takes, in bytes, besides its texts. */
const DEVICE_BYTES = 600;

/** A device, or that there is none with its name. */
type DeviceOutcome = Device | UpstreamError;

/** Devices, by QRN. */
export function deviceResource({
  client,
  cache,
}: DeviceResourceParts): Resource<string, Device, Cached<DeviceOutcome>> {
  const devices = new ValueCache<DeviceOutcome>({ cache, bytesOf });
  return {
    name: 'device',
    nameOf: (qrn) => qrn,
    freshMs: () => FRESH_DEVICE_MS,
    fetch: (key, qrn, asker) => client.getDevice(key, qrn, asker),
    // Jobs outlive the devices that they ran on: each of them would ask again.
    isAnswer: ({ kind }) => kind === 'not-found',
    lookup: (partition, qrn, since) => devices.lookup(partition, qrn, since),
    keep: (partition, qrn, answer, when) => devices.keep(partition, qrn, answer, when),
  };
}

function bytesOf(device: DeviceOutcome): number {
  if (isFailure(device)) return DEVICE_BYTES;
  const { name, statusMsg } = device;
  return DEVICE_BYTES + 2 * ((name?.length ?? 0) + (statusMsg?.length ?? 0));
}
