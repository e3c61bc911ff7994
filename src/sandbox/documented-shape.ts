import type { components } from '../upstream/qbraid.generated.ts';
import type { AnswerShape } from './answer-shape.ts';
import type { JobState } from './job-state.ts';
import type { Refusal } from './refusal.ts';

type RuntimeJob = components['schemas']['RuntimeJob'];
type ErrorBody = components['schemas']['DetailError'] | components['schemas']['ValidationError'];

/** Answers as the published documentation has them: every field is there, and null where it is not set. */
export const documentedShape: AnswerShape = {
  toJob({ plan, ...state }: JobState): RuntimeJob {
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
      timeStamps: {
        createdAt: new Date(plan.createdAtMs).toISOString(),
        endedAt: state.endedAtMs === null ? null : new Date(state.endedAtMs).toISOString(),
        executionDuration: state.executionDurationMs,
      },
      cost: state.cost,
      estimatedCost: plan.estimatedCost,
      metadata: plan.metadata,
    };
  },

  toError({ message, faults }: Refusal): ErrorBody {
    return faults.length > 0 ? { detail: [...faults] } : { detail: message };
  },
};
