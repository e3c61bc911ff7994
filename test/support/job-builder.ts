/** A job as upstream sends it, in the documented shape. */
export type RawJob = Readonly<Record<string, unknown>> & { readonly jobQrn: string };

/** A plausible job with this name; `fields` replace its own, and undefined leaves one out. */
export function aJob(jobQrn: string, fields: Readonly<Record<string, unknown>> = {}): RawJob {
  return {
    name: 'Bell pair',
    shots: 1000,
    deviceQrn: 'qbraid:qbraid:sim:qir-sv',
    tags: {},
    runtimeOptions: {},
    jobQrn,
    batchJobQrn: null,
    vendor: 'qbraid',
    provider: 'qbraid',
    status: 'RUNNING',
    statusMsg: null,
    experimentType: 'gate_model',
    queuePosition: null,
    timeStamps: { createdAt: '2026-01-15T10:30:00Z', endedAt: null, executionDuration: null },
    cost: null,
    estimatedCost: 0.5,
    metadata: {},
    ...fields,
  };
}

/** So many jobs, the newest first, a second apart: `qbraid:job:<prefix>0` is the newest. */
export function someJobs(
  count: number,
  prefix = '',
  fields: Readonly<Record<string, unknown>> = {},
): RawJob[] {
  return Array.from({ length: count }, (_, index) =>
    aJob(`qbraid:job:${prefix}${index}`, {
      timeStamps: { createdAt: new Date(Date.UTC(2026, 0, 14) - index * 1000).toISOString() },
      ...fields,
    }),
  );
}
