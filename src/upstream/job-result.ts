/** What a job measured. */
export interface JobResultData {
  /** How often each outcome was measured, the most frequent first. Null where the result has another shape. */
  readonly measurementCounts: readonly MeasurementCount[] | null;
  /** How many measurements they are together. Null where there are none. */
  readonly shots: number | null;
  /** The rest of the result as upstream sent it: JSON. */
  readonly data: Readonly<Record<string, unknown>>;
  /** The size of the answer, in bytes. */
  readonly bytes: number;
}

/** How often one outcome was measured. */
export interface MeasurementCount {
  readonly bitstring: string;
  readonly count: number;
}
