/** Why a plan does not go on: the executor will. */
export class Unplanned extends Error {}
