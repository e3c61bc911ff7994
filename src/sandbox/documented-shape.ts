import type { components } from '../upstream/qbraid.generated.ts';
import type { AnswerShape } from './answer-shape.ts';
import type { DeviceState } from './device-state.ts';
import type { JobState } from './job-state.ts';
import type { Refusal } from './refusal.ts';

type Schemas = components['schemas'];
type ErrorBody = Schemas['DetailError'] | Schemas['ValidationError'];

/** Answers as the published documentation has them: every field is there, and null where it is not set. */
export const documentedShape: AnswerShape = {
  toJob({ plan, ...state }: JobState): Schemas['RuntimeJob'] {
    return {
      name: plan.name,
      shots: plan.shots,
      deviceQrn: plan.device.qrn,
      tags: plan.tags,
      runtimeOptions: plan.runtimeOptions,
      jobQrn: plan.qrn,
      batchJobQrn: plan.batchQrn,
      vendor: plan.device.vendor,
      provider: plan.device.provider,
      status: state.status,
      statusMsg: state.statusMsg,
      experimentType: plan.device.experimentType,
      queuePosition: state.queuePosition,
      timeStamps: toTimeStamps({ plan, ...state }),
      cost: state.cost,
      estimatedCost: plan.estimatedCost,
      metadata: plan.metadata,
    };
  },

  toJobResult(state, resultData): Schemas['JobResult'] {
    return { status: state.status, cost: state.cost, timeStamps: toTimeStamps(state), resultData };
  },

  toDevice({ device, statusMsg, queueDepth, avgQueueTime }: DeviceState): Schemas['DeviceDetails'] {
    return {
      qrn: device.qrn,
      name: device.name,
      deviceType: device.isQpu ? 'QPU' : 'SIMULATOR',
      vendor: device.vendor,
      status: 'ONLINE',
      statusMsg,
      queueDepth,
      avgQueueTime,
      pricing: { perTask: device.creditsPerTask, perShot: device.creditsPerShot, perMinute: null },
    };
  },

  toCancelAnswer(cancellation): Schemas['CancelJobResponse'] {
    return { success: true, data: cancellation };
  },

  toError({ message, faults }: Refusal): ErrorBody {
    return faults.length > 0 ? { detail: [...faults] } : { detail: message };
  },
};

function toTimeStamps({ plan, endedAtMs, executionDurationMs }: JobState): Schemas['TimeStamps'] {
  return {
    createdAt: new Date(plan.createdAtMs).toISOString(),
    endedAt: endedAtMs === null ? null : new Date(endedAtMs).toISOString(),
    executionDuration: executionDurationMs,
  };
}
