import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { ErrorCode } from '../../graphql/schema.generated.ts';
import type { Clock } from '../../lib/clock.ts';
import type { ClientAddresses } from '../clients/client-addresses.ts';
import type { GatewayObserver } from './gateway-observer.ts';
import { requestIds } from './request-ids.ts';
import { type OperationFacts, type Outcome, RequestRecord, type RequestStart } from './request-record.ts';

type Answered = Pick<ExecutionResult, 'errors'>;

/** The code of an error that clients are not told of. */
const MASKED: ErrorCode = 'INTERNAL_SERVER_ERROR';

export interface RequestRecordsOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly addresses: ClientAddresses;
  readonly observer: Required<GatewayObserver>;
}

/** The records of all requests that are being served. */
export class RequestRecords {
  readonly #records = new WeakMap<Request, RequestRecord>();
  readonly #clock: Pick<Clock, 'now'>;
  readonly #addresses: ClientAddresses;
  readonly #observer: Required<GatewayObserver>;
  #operations = 0;

  constructor({ clock, addresses, observer }: RequestRecordsOptions) {
    this.#clock = clock;
    this.#addresses = addresses;
    this.#observer = observer;
  }

  /** Begins the record of a request. */
  start(request: Request): RequestRecord {
    const record = this.open({
      requestId: requestIds.current,
      headers: request.headers,
      address: () => this.#addresses.of(request),
    });
    this.#records.set(request, record);
    return record;
  }

  /** Goes on with a record that was begun before there was a request of the Fetch API. */
  adopt(request: Request, record: RequestRecord): void {
    this.#records.set(request, record);
  }

  /** Begins the record of what is no request of the Fetch API. */
  open({
    requestId,
    headers,
    address,
    startedAtMs = this.#clock.now(),
  }: Omit<RequestStart, 'startedAtMs'> & Partial<RequestStart>): RequestRecord {
    return new RequestRecord({ requestId, headers, address, startedAtMs });
  }

  /** The record of a request to the GraphQL endpoint: undefined for others. */
  of(request: Request): RequestRecord | undefined {
    return this.#records.get(request);
  }

  /** How many operations are being executed, without streams that are open. */
  get operationsInFlight(): number {
    return this.#operations;
  }

  /** The operation of a request is about to be executed: its document is valid. */
  begin(
    request: Request,
    { document, operationName }: Pick<ExecutionArgs, 'document' | 'operationName'>,
  ): void {
    const record = this.of(request);
    if (record === undefined || record.isEnded || record.operation !== null) return;
    record.begin(document, operationName);
    if (record.operation !== null) this.#operations += 1;
  }

  /** The same where it is known what the operation is. */
  beginKnown(record: RequestRecord, operation: OperationFacts): void {
    record.operation = operation;
    this.#operations += 1;
  }

  /** A subscription was accepted. */
  streamOpened(record: RequestRecord): void {
    if (record.isEnded) return;
    record.events = 0;
    this.#operations -= 1;
  }

  /** One event of a stream is about to be sent. */
  eventSent(record: RequestRecord, event: Answered): void {
    record.events = (record.events ?? 0) + 1;
    this.#observer.eventSent();
    this.answered(record, event);
  }

  /** An answer, or an event, is complete. */
  answered(record: RequestRecord, { errors = [] }: Answered): void {
    if (record.isEnded) return;
    for (const { extensions = {} } of errors) {
      const { code, limit } = extensions;
      const facts = {
        code: typeof code === 'string' ? code : MASKED,
        limit: typeof limit === 'string' ? limit : null,
      };
      record.addErrorCode(facts.code);
      this.#observer.errorSent(facts);
    }
  }

  /** Ends the record of a request, once. */
  end(record: RequestRecord, outcome: Outcome, status: number | null): void {
    if (record.isEnded) return;
    if (record.events === null && record.operation !== null) this.#operations -= 1;
    record.end(outcome, status, this.#clock.now());
    this.#observer.requestEnded(record);
  }
}
