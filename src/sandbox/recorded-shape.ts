import type { AnswerShape, RefusalContext } from './answer-shape.ts';
import type { SandboxDevice } from './device-catalog.ts';
import type { JobState } from './job-state.ts';
import type { Refusal } from './refusal.ts';
import { createSeededRandom } from './seeded-random.ts';

/**
 * Answers as the live qBraid API was seen to give them: what is not set is left out, internal fields slip through, and
 * `timeStamps.createdAt` moves while a job is under way.
 */
export const recordedShape: AnswerShape = {
  toJob({ plan, ...state }: JobState) {
    const { device } = plan;
    return withoutNulls({
      jobQrn: plan.qrn,
      groupJobQrn: plan.batchQrn,
      name: plan.name,
      shots: plan.shots,
      numCircuits: plan.numCircuits,
      experimentType: device.experimentType,
      vendor: device.vendor,
      provider: device.provider,
      deviceQrn: device.qrn,
      device: toDeviceFacts(device),
      status: state.status,
      statusMsg: state.statusMsg,
      queuePosition: state.queuePosition,
      tags: plan.tags,
      runtimeOptions: plan.runtimeOptions,
      metadata: Object.keys(plan.metadata).length > 0 ? plan.metadata : null,
      timeStamps: toTimeStamps({ plan, ...state }),
      cost: state.cost,
      estimatedCost: plan.estimatedCost,
      createdAt: new Date(plan.createdAtMs).toISOString(),
      updatedAt: new Date(state.updatedAtMs).toISOString(),
      organizationUserId: toObjectId(plan.owner),
      deviceId: toObjectId(device.qrn),
      providerId: toObjectId(device.provider),
      gcsDestination: `gs://sandbox-jobs/${toObjectId(plan.qrn)}`,
    });
  },

  toJobResult(state, resultData) {
    const cost = state.cost === null ? null : String(state.cost);
    return withoutNulls({ status: state.status, cost, timeStamps: toTimeStamps(state), resultData });
  },

  toDevice({ device, ...state }) {
    const pricing = { perTask: device.creditsPerTask, perShot: device.creditsPerShot };
    return withoutNulls({ ...toDeviceFacts(device), ...state, pricing, deviceId: toObjectId(device.qrn) });
  },

  toCancelAnswer(cancellation) {
    return cancellation;
  },

  toError({ status, code, message }: Refusal, { nowMs, requestId }: RefusalContext) {
    const authentication = {
      timestamp: new Date(nowMs).toISOString(),
      domain: 'api-key',
      allowedStrategies: ['apiKey'],
      supportedStrategies: ['apiKey', 'bearer'],
      debugInfo: { hasAuthorization: false, hasApiKey: code !== 'NO_VALID_AUTHENTICATION' },
    };
    return {
      success: false,
      message,
      error: { message, code, ...(status === 401 && { requestId, ...authentication }) },
    };
  },
};

function toDeviceFacts(device: SandboxDevice) {
  return {
    qrn: device.qrn,
    name: device.name,
    deviceType: device.isQpu ? 'QPU' : 'SIMULATOR',
    vendor: device.vendor,
    status: 'ONLINE',
  };
}

function toTimeStamps({ plan, activeSinceMs, endedAtMs, executionDurationMs }: JobState): object {
  const { vendor } = plan.device;
  return withoutNulls({
    createdAt: toVendorTimestamp(activeSinceMs, vendor),
    endedAt: endedAtMs === null ? null : toVendorTimestamp(endedAtMs, vendor),
    executionDuration: executionDurationMs,
  });
}

/** Vendors differ in how many digits of a second they send: 6, 0 or 3. */
function toVendorTimestamp(instantMs: number, vendor: string): string {
  const timestamp = new Date(instantMs).toISOString();
  if (vendor === 'aws') return timestamp.replace('Z', '000Z');
  if (vendor === 'ibm') return timestamp.replace(/\.\d+Z$/, 'Z');
  return timestamp;
}

/** The internal id that the qBraid API gives to whatever has this name. */
function toObjectId(name: string): string {
  return createSeededRandom(name).hex(24);
}

function withoutNulls(record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));
}
