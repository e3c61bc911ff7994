import { isFailure, isUncertain } from '../jobs/failures.ts';
import { NEVER, type Seq } from '../jobs/seq.ts';
import { WHOLE } from '../jobs/span.ts';
import type { Clock } from '../lib/clock.ts';
import type { Cancellation, CancelStatus } from '../upstream/job.ts';
import type { QbraidClient } from '../upstream/qbraid-client.ts';
import type { UpstreamError } from '../upstream/upstream-error.ts';
import type { KeyAccount } from './admission/key-account.ts';
import type { Permit, UpstreamPort } from './admission/upstream-port.ts';
import type { Invalidations } from './cache/invalidations.ts';
import type { When } from './cache/partitioned-cache.ts';
import { InFlight, type Run } from './in-flight.ts';
import type { Reader } from './read-scope.ts';
import type { StoreObserver } from './store-event.ts';
import { tellObservers } from './tell-observers.ts';

export interface CancelJobParts {
  readonly client: Pick<QbraidClient, 'cancelJob'>;
  readonly port: UpstreamPort;
  readonly invalidations: Invalidations;
  readonly clock: Clock;
  readonly observe: StoreObserver;
}

/** What events and requests call it. */
const CANCEL = 'cancel';

/**
 * Asks upstream once to cancel a job, and never again by itself, whatever comes of it. Afterwards nothing is shown of the job,
 * and of lists, that was asked for before. With the key that it was cancelled with, the job is seen no less cancelled than
 * upstream said.
 *
 * @param seers The keys of the request, which may see the job as well.
 * @throws {UpstreamError} `conflict` where the job cannot be cancelled in its present state; what reads throw. After
 *   `timeout`, `unavailable` and `invalid-response` nobody knows whether the job was cancelled.
 */
export type CancelJob = (reader: Reader, qrn: string, seers: readonly KeyAccount[]) => Promise<void>;

/** Makes what cancels jobs. */
export function createCancelJob({ client, port, invalidations, clock, observe }: CancelJobParts): CancelJob {
  const requests = new InFlight<string, void>();
  const tell = tellObservers(CANCEL, observe);

  async function send(reader: Reader, qrn: string, seers: readonly KeyAccount[], run: Run): Promise<void> {
    const { key, scope, account } = reader;
    const permit = await enter(reader, qrn, run).catch((error: unknown) => {
      tell('refused', scope);
      throw error;
    });
    const { partition: sentIn } = account;
    // The parts of the cache that the keys have by then: those of when it was sent may be gone.
    const noteChange = (seq: Seq, heard: CancelStatus | null = null) => {
      for (const { partition } of new Set([account, ...seers])) {
        // What one key was told is shown to no other, nor once it was refused.
        const status = partition === sentIn ? heard : null;
        invalidations.jobChanged(partition, qrn, { seq, status });
      }
    };
    const sentAtMs = clock.now();
    tell('sent', scope);
    let answer: Cancellation | UpstreamError;
    try {
      // Nobody can take it back: it goes on when its client leaves.
      const { requestId, span } = scope;
      answer = await client.cancelJob(key, qrn, { requestId, span });
    } catch (error) {
      // The job is in another state than its client believed: that is an answer, and other replicas hear of it.
      if (!isConflict(error)) {
        tell('failed', scope, clock.now() - sentAtMs);
        const isLost = isFailure(error) && isUncertain(error);
        const failure = isLost ? await permit.lost(error) : permit.failed(error);
        noteChange(port.seq);
        throw failure;
      }
      answer = error;
    }
    tell('landed', scope, clock.now() - sentAtMs);
    const { seq } = await permit.landed(answer);
    noteChange(seq, statusIn(answer));
    if (isFailure(answer)) throw answer;
  }

  async function enter(reader: Reader, qrn: string, run: Run): Promise<Permit> {
    const { key, account, scope } = reader;
    scope.operationBudget.spend();
    const subject = `${CANCEL} ${qrn}`;
    try {
      const entered = await port.enter<never>({
        key,
        account,
        client: scope.client,
        subject,
        about: { resource: CANCEL, what: qrn, group: qrn, span: WHOLE },
        since: NEVER,
        isFirst: true,
        mayUseReserve: true,
        lookup: () => null,
        signal: run.signal,
      });
      if ('served' in entered) throw new RangeError('A request to cancel a job was answered from the cache.');
      return entered;
    } catch (error) {
      scope.operationBudget.refund();
      throw error;
    }
  }

  return async (reader, qrn, seers) => {
    const signal = reader.scope.deadline?.signal;
    // Of several jobs, those after the one at which the time was over are not cancelled.
    signal?.throwIfAborted();
    const request = requests.start(reader.account.fingerprint, qrn, (run) => send(reader, qrn, seers, run));
    return request.join(signal);
  };
}

function statusIn(answer: Cancellation | UpstreamError): CancelStatus | null {
  return isFailure(answer) ? null : answer.status;
}

function isConflict(error: unknown): error is UpstreamError {
  return isFailure(error) && error.kind === 'conflict';
}

/** How the store takes note of a job that another replica has cancelled. */
export function cancelledElsewhere(invalidations: Invalidations) {
  return {
    name: CANCEL,
    keep: (partition: number, qrn: string, answer: Cancellation | UpstreamError, { read }: When) =>
      invalidations.jobChanged(partition, qrn, { seq: read.seq, status: statusIn(answer) }),
  };
}
