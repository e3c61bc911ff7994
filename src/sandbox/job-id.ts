/** All that a job of the sandbox is made from: the same id is the same job, for ever. */
export interface JobId {
  /** The seed of the sandbox. */
  readonly seed: number;
  /** Who submitted the job: a key or a team. */
  readonly owner: string;
  /** Its number in the schedule, see `toJobSlot`. */
  readonly index: number;
}
