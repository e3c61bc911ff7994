import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientConfig, HttpConfig } from '../../config/config.ts';
import { Abandoning, type Abandonment } from '../../lib/abandonment.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { ClientAddresses } from '../clients/client-addresses.ts';
import { findAddressFault } from '../http/find-address-fault.ts';
import { toNodeHeaders } from '../http/node-headers.ts';
import { endWithResponse } from '../records/end-with-response.ts';
import { requestIds, toRequestId } from '../records/request-ids.ts';
import type { RequestRecords } from '../records/request-records.ts';
import { createAnswerHeaders } from './answer-headers.ts';
import { EVENT_STREAM } from './answer-type.ts';
import { createAnswerWriter } from './answer-writer.ts';
import { type FastLane, isAnswer, type LaneRequest } from './fast-lane.ts';
import { type OrdinaryHead, toOrdinaryHead } from './ordinary-request.ts';
import { readLaneBody } from './read-lane-body.ts';
import type { ResumedRequest } from './resumed-request.ts';
import type { StreamLane } from './stream-lane.ts';

export interface LaneListenerOptions {
  readonly lane: FastLane;
  readonly streams: StreamLane;
  readonly records: RequestRecords;
  readonly addresses: Pick<ClientAddresses, 'find'>;
  readonly logger: Logger;
  readonly clock: Pick<Clock, 'now'>;
  readonly config: { readonly http: HttpConfig; readonly clients: ClientConfig };
}

/** What a server does with a request that the fast lane has no answer for. */
export interface LaneTurns {
  /** Waits for the turn of the request. */
  readonly onTurn: (begin: () => void) => void;
  /** Lets Yoga go on with it. */
  readonly resume: (resumed: ResumedRequest) => void;
}

/** Takes a request, if it is ordinary. An answer that is kept is given at once, whoever waits for a turn. */
export type LaneListener = (request: IncomingMessage, response: ServerResponse, turns: LaneTurns) => boolean;

/** Makes what takes the ordinary requests of a Node server. */
export function createLaneListener(options: LaneListenerOptions): LaneListener {
  const { lane, streams, config } = options;
  const toHeaders = createAnswerHeaders(config.clients);
  const write = createAnswerWriter(toHeaders);

  return (request, response, { onTurn, resume }) => {
    const { method = '', url = '' } = request;
    const head = toOrdinaryHead({ method, url, headers: toNodeHeaders(request) }, config.http.maxBodyBytes);
    if (head === null || findAddressFault(request) !== null) return false;
    const startedAtMs = options.clock.now();
    readLaneBody(request, (body) => {
      if (body === null) return onTurn(() => resume({ body: null, begun: null }));
      const requestId = toRequestId(head.headers);
      const laneRequest = new NodeLaneRequest({
        head,
        body,
        request,
        response,
        startedAtMs,
        requestId,
        ...options,
      });
      if (head.answerType === EVENT_STREAM) {
        return onTurn(() => requestIds.run(requestId, () => void openStream(laneRequest).catch(fail)));
      }
      const name = lane.nameOf(laneRequest);
      // Where another answer of its connection comes first, nothing would tell that the client leaves meanwhile.
      const answer = response.socket === null ? null : lane.find(laneRequest, name);
      if (answer !== null) return write(response, head, requestId, answer);
      onTurn(() => requestIds.run(requestId, () => void serve(laneRequest, name).catch(fail)));
    });
    return true;

    async function serve(laneRequest: NodeLaneRequest, name: string | null): Promise<void> {
      const result = await lane.execute(laneRequest, name);
      if (response.destroyed || result === null) return;
      if (isAnswer(result)) write(response, laneRequest.head, laneRequest.requestId, result);
      else resume(result);
    }

    async function openStream(laneRequest: NodeLaneRequest): Promise<void> {
      const resumed = await streams.open({
        ...laneRequest,
        openOutput: () => (response.destroyed ? null : openOutput(laneRequest)),
      });
      if (!response.destroyed && resumed !== null) resume(resumed);
    }

    function openOutput({ head, requestId }: NodeLaneRequest): ServerResponse {
      response.writeHead(200, toHeaders(head, requestId));
      // Node keeps the request for as long as its response, but nobody reads its head any more.
      request.headers = {};
      request.rawHeaders.length = 0;
      return response;
    }

    function fail(err: unknown): void {
      options.logger.error({ err }, 'request failed');
      response.destroy();
    }
  };
}

interface NodeLaneRequestParts
  extends Pick<LaneListenerOptions, 'records' | 'addresses'>,
    Pick<LaneRequest, 'head' | 'body'> {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly startedAtMs: number;
  readonly requestId: string;
}

/** A request of a Node server. Most of it is made only where somebody asks. */
class NodeLaneRequest implements LaneRequest {
  readonly head: OrdinaryHead;
  readonly body: string;
  readonly requestId: string;
  readonly #parts: NodeLaneRequestParts;
  #leaving: Abandoning | null = null;

  constructor(parts: NodeLaneRequestParts) {
    this.head = parts.head;
    this.body = parts.body;
    this.requestId = parts.requestId;
    this.#parts = parts;
  }

  get signal(): Abandonment {
    this.#leaving ??= abandonWith(this.#parts.response);
    return this.#leaving;
  }

  readonly address = (): string => {
    const { addresses, request } = this.#parts;
    return addresses.find(this.head.headers, request.socket.remoteAddress);
  };

  readonly openRecord = () => {
    const { records, request, response, startedAtMs, requestId } = this.#parts;
    const record = records.open({ headers: this.head.headers, address: this.address, startedAtMs });
    endWithResponse(records, record, request, response, requestId);
    return record;
  };
}

/** Aborts when a response closes before it is handed over. */
function abandonWith(response: ServerResponse): Abandoning {
  const leaving = new Abandoning();
  const leave = () => {
    if (!response.writableFinished) leaving.abort(new Error('The client has left.'));
  };
  if (response.destroyed) leave();
  else response.once('close', leave);
  return leaving;
}
