import type { StoreReport } from '../../store/job-store.ts';

/** How a gateway stands, for those who operate it. Names no key. */
export interface GatewayReport extends StoreReport {
  /** What is open now: the operations that are being executed, and the event streams. */
  readonly open: { readonly operations: number; readonly streams: number };
  /** How many sets of keys are polled with. */
  readonly pollers: number;
}
