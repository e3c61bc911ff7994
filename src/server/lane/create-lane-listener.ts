import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientConfig, ExposureConfig, HttpConfig } from '../../config/config.ts';
import type { Seq } from '../../jobs/seq.ts';
import { Abandoning, type Abandonment } from '../../lib/abandonment.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { ClientAddresses } from '../clients/client-addresses.ts';
import { findAddressFault } from '../http/find-address-fault.ts';
import type { LaneListener, LaneTurns } from '../http/lane-listener.ts';
import { toNodeHeaders } from '../http/node-headers.ts';
import { endWithResponse } from '../records/end-with-response.ts';
import { toRequestId } from '../records/request-ids.ts';
import type { RequestRecord } from '../records/request-record.ts';
import type { RequestRecords } from '../records/request-records.ts';
import type { RequestTrace } from '../records/request-trace.ts';
import type { RequestTraces } from '../records/request-traces.ts';
import { createAnswerHeaders } from './answer-headers.ts';
import { AnswerTypes, EVENT_STREAM } from './answer-types.ts';
import { AnswerWriter } from './answer-writer.ts';
import { type FastLane, isAnswer, type LaneRequest } from './fast-lane.ts';
import { type OrdinaryHead, toOrdinaryHead } from './ordinary-request.ts';
import { readLaneBody } from './read-lane-body.ts';
import { readLaneQuery } from './read-lane-query.ts';
import { resume } from './resumed-request.ts';
import type { StreamLane } from './stream-lane.ts';

export interface LaneListenerOptions {
  readonly lane: FastLane;
  readonly streams: StreamLane;
  readonly records: RequestRecords;
  /** Null without tracing. */
  readonly traces: RequestTraces | null;
  readonly addresses: Pick<ClientAddresses, 'find'>;
  readonly logger: Logger;
  readonly clock: Pick<Clock, 'now'>;
  readonly config: {
    readonly http: HttpConfig;
    readonly clients: ClientConfig;
    readonly exposure: Pick<ExposureConfig, 'csrfPrevention'>;
  };
  /** Whether other replicas tell what they have read. */
  readonly isShared: boolean;
}

/** Makes what takes the ordinary requests of a Node server. */
export function createLaneListener(options: LaneListenerOptions): LaneListener {
  const { lane, streams, clock, logger, config, isShared } = options;
  const toHeaders = createAnswerHeaders(config.clients);
  const writer = new AnswerWriter(toHeaders);
  const ordinary = {
    maxBodyBytes: config.http.maxBodyBytes,
    csrfPrevention: config.exposure.csrfPrevention,
    answerTypes: new AnswerTypes(),
  };

  return (request, response, turns) => {
    const head = toOrdinaryHead(request, toNodeHeaders(request), ordinary);
    if (head === null || findAddressFault(request) !== null) return false;
    const startedAtMs = clock.now();
    if (head.method === 'GET') {
      const body = readLaneQuery(request);
      if (body !== null) begin({ request, response, startedAtMs, head, body }, turns);
      return body !== null;
    }
    readLaneBody(request, (body) => begin({ request, response, startedAtMs, head, body }, turns));
    return true;
  };

  function begin(read: ReadRequest, turns: LaneTurns): void {
    const { request, response, head, body } = read;
    const requestId = toRequestId(head.headers);
    if (body === null) {
      const unreadable = resume({ requestId, body, trace: null });
      turns.take(request, response, () => turns.resume(request, response, unreadable));
      return;
    }
    const asked = new NodeLaneRequest(options, read, requestId, body);
    if (head.answerType === EVENT_STREAM) {
      turns.take(request, response, () => void openStream(asked, turns).catch(failed(asked)));
      return;
    }
    // What another replica told before the request was sent may be read after it, in the same turn of the event loop.
    if (isShared) setImmediate(answer, asked, turns);
    else answer(asked, turns);
  }

  function answer(asked: NodeLaneRequest, turns: LaneTurns): void {
    const { request, response, head, requestId } = asked;
    const name = lane.nameOf(asked);
    // Where another answer of its connection comes first, nothing would tell that the client leaves meanwhile.
    const kept = response.socket === null ? null : lane.find(asked, name);
    if (kept !== null) {
      asked.openTrace();
      writer.write(response, head, requestId, kept);
      asked.endTrace();
      return;
    }
    const arrivedSeq = lane.seq;
    turns.take(request, response, () => void serve(asked, name, arrivedSeq, turns).catch(failed(asked)));
  }

  async function serve(
    asked: NodeLaneRequest,
    name: string | null,
    arrivedSeq: Seq,
    turns: LaneTurns,
  ): Promise<void> {
    const { request, response, head, requestId } = asked;
    asked.openTrace();
    const result = await lane.execute(asked, name, arrivedSeq);
    if (response.destroyed || result === null) return asked.endTrace();
    if (!isAnswer(result)) return turns.resume(request, response, result);
    writer.write(response, head, requestId, result);
    asked.endTrace(result.http?.status);
  }

  async function openStream(asked: NodeLaneRequest, turns: LaneTurns): Promise<void> {
    const { request, response, requestId, head, body, address } = asked;
    asked.openTrace();
    const resumed = await streams.open({
      requestId,
      head,
      body,
      address,
      trace: asked.trace,
      openRecord: () => asked.openRecord(),
      openOutput() {
        asked.endTrace();
        return response.destroyed ? null : openOutput(asked);
      },
    });
    if (resumed === null) return;
    if (response.destroyed) asked.endTrace();
    else turns.resume(request, response, resumed);
  }

  function openOutput({ request, response, head, requestId }: NodeLaneRequest): ServerResponse {
    response.writeHead(200, toHeaders(head, requestId));
    // Written by itself, the head becomes one string. With the first bytes of the body Node would keep it as a tree of fifty.
    response.flushHeaders();
    // Node keeps the request for as long as its response, but nobody reads its head any more, nor its body.
    request.removeAllListeners('data').removeAllListeners('end');
    request.headers = {};
    request.rawHeaders.length = 0;
    return response;
  }

  function failed(asked: NodeLaneRequest): (err: unknown) => void {
    return (err) => {
      const { requestId, response, trace } = asked;
      logger.error({ requestId, err }, 'request failed');
      trace?.endFailed(err);
      response.destroy();
    };
  }
}

/** A request whose body was read: null where it is not UTF-8. */
interface ReadRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly startedAtMs: number;
  readonly head: OrdinaryHead;
  readonly body: string | null;
}

/** A request of a Node server. Most of it is made only where somebody asks. */
class NodeLaneRequest implements LaneRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly head: OrdinaryHead;
  readonly body: string;
  readonly #options: Pick<LaneListenerOptions, 'records' | 'traces' | 'addresses'>;
  readonly #startedAtMs: number;
  #leaving: Abandoning | null = null;
  #record: RequestRecord | null = null;
  trace: RequestTrace | null = null;

  constructor(
    options: Pick<LaneListenerOptions, 'records' | 'traces' | 'addresses'>,
    { request, response, startedAtMs, head }: ReadRequest,
    requestId: string,
    body: string,
  ) {
    this.request = request;
    this.response = response;
    this.requestId = requestId;
    this.head = head;
    this.body = body;
    this.#options = options;
    this.#startedAtMs = startedAtMs;
  }

  get signal(): Abandonment {
    this.#leaving ??= abandonWith(this.response);
    return this.#leaving;
  }

  readonly address = (): string =>
    this.#options.addresses.find(this.head.headers, this.request.socket.remoteAddress);

  openRecord(): RequestRecord {
    const { records } = this.#options;
    const { requestId, address } = this;
    const { headers } = this.head;
    const record = records.open({ requestId, headers, address, startedAtMs: this.#startedAtMs });
    endWithResponse(records, record, this.request, this.response);
    this.#record = record;
    return record;
  }

  /** Begins its spans, where there is tracing. */
  openTrace(): void {
    const { traces } = this.#options;
    if (traces !== null) this.trace = traces.open(this.head);
  }

  /** Ends its spans, if they were begun: Yoga does not go on with it. */
  endTrace(status = 200): void {
    this.trace?.complete(this.#record?.operation ?? null, status);
  }
}

/** Aborts when a response closes before it is handed over. */
function abandonWith(response: ServerResponse): Abandoning {
  const leaving = new Abandoning();
  const leave = () => {
    if (!response.writableFinished) leaving.abort(new DOMException('The client has left.', 'AbortError'));
  };
  if (response.destroyed) leave();
  else response.once('close', leave);
  return leaving;
}
