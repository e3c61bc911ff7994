import type { GraphQLResolveInfo } from 'graphql';
import { isNotFound } from '../../jobs/keys-failed-error.ts';
import { assertDeviceQrn } from '../../jobs/qrn.ts';
import type { Device } from '../../upstream/device.ts';
import type { Job, JobDevice } from '../../upstream/job.ts';
import type { GraphQLContext } from '../graphql-context.ts';
import type { DeviceResolvers } from '../schema.generated.ts';
import { selectedFields } from '../selected-fields.ts';

/** A device, and what is known of it without asking. */
export interface DeviceView {
  readonly qrn: string | null;
  /** What upstream sent with a job: null where it sent nothing, so that all has to be asked for. */
  readonly carried: JobDevice | null;
}

/** Upstream never sends these with a job. */
const DETAILS = ['statusMsg', 'queueDepth', 'avgQueueTime', 'pricing'];

/**
 * The device of a job: null where the job has none. It is null also where upstream sent nothing of it but its name, unless a
 * field is selected for which the device has to be asked anyway: a list of jobs costs no more requests than it must.
 */
export function deviceOf({ device, deviceQrn }: Job, info: GraphQLResolveInfo): DeviceView | null {
  if (device !== null) return { qrn: device.qrn ?? deviceQrn, carried: device };
  if (deviceQrn === null) return null;
  const selected = selectedFields(info);
  return DETAILS.some((name) => selected.has(name)) ? { qrn: deviceQrn, carried: null } : null;
}

export const deviceResolvers: DeviceResolvers = {
  qrn: ({ qrn }) => qrn,
  name: carriedOrDetail('name'),
  deviceType: carriedOrDetail('deviceType'),
  vendor: carriedOrDetail('vendor'),
  status: carriedOrDetail('status'),
  statusMsg: detail('statusMsg'),
  queueDepth: detail('queueDepth'),
  avgQueueTime: detail('avgQueueTime'),
  pricing: detail('pricing'),
};

/** Reads a field that upstream sends with a job, and only where it did not, from the device itself. */
function carriedOrDetail<Name extends keyof JobDevice>(name: Name) {
  const read = detail(name);
  return (view: DeviceView, args: object, context: GraphQLContext) =>
    view.carried === null ? read(view, args, context) : view.carried[name];
}

/** Reads a field from the device itself. */
function detail<Name extends keyof Device>(name: Name) {
  return ({ qrn }: DeviceView, _: object, context: GraphQLContext) =>
    qrn === null ? null : readDetail(context.session().loaders.device(assertDeviceQrn(qrn)), name);
}

/** A device that upstream does not know any more has nothing to tell: that is no failure of the job which ran on it. */
async function readDetail<Name extends keyof Device>(
  reading: Promise<Device>,
  name: Name,
): Promise<Device[Name] | null> {
  try {
    return (await reading)[name];
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}
