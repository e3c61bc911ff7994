import { createSourceEventStream } from 'graphql';
import type { Credential } from '../../auth/api-key.ts';
import { createGraphQLContext, type GraphQLContextOptions } from '../../graphql/graphql-context.ts';
import { GatewayError } from '../../lib/gateway-error.ts';
import { ConflatingStream } from '../../live/conflating-stream.ts';
import { clientOf, readCredentials } from '../clients/read-credentials.ts';
import { toClientGroup } from '../clients/to-client-group.ts';
import type { OverloadGuard } from '../lifecycle/overload-guard.ts';
import type { RequestRecords } from '../records/request-records.ts';
import type { LogStreamEnd } from '../streams/log-stream-end.ts';
import type { OpenStreams } from '../streams/open-streams.ts';
import type { StreamEnd, StreamOutput, StreamWriter } from '../streams/stream-writer.ts';
import type { LaneRequest } from './fast-lane.ts';
import { toRequestName } from './ordinary-request.ts';
import type { PlannedOperations } from './planned-operations.ts';
import { type ResumedRequest, resume } from './resumed-request.ts';
import { StreamClient } from './stream-client.ts';
import { StreamGroup } from './stream-group.ts';
import { type EventsOptions, SubscriptionEvents } from './subscription-events.ts';

export interface StreamLaneOptions extends EventsOptions {
  readonly contextOptions: GraphQLContextOptions;
  readonly operations: PlannedOperations;
  readonly records: RequestRecords;
  readonly guard: OverloadGuard;
  readonly openStreams: OpenStreams;
  readonly writer: StreamWriter;
  readonly logEnd: LogStreamEnd;
}

/** An ordinary request for an event stream. */
export interface StreamRequest
  extends Pick<LaneRequest, 'requestId' | 'head' | 'body' | 'address' | 'openRecord' | 'trace'> {
  /** Begins the response. Gives null where the client has left. */
  readonly openOutput: () => StreamOutput | null;
}

/** Opens event streams of subscriptions, and writes them without Yoga. What is not as usual is left to Yoga. */
export class StreamLane {
  readonly #options: StreamLaneOptions;
  /** By name, for as long as a stream of it is open. */
  readonly #groups = new Map<string, StreamGroup>();

  constructor(options: StreamLaneOptions) {
    this.#options = options;
  }

  /** Opens the stream of a request: gives what Yoga has to go on with, or null where it is open, or its client has left. */
  async open(request: StreamRequest): Promise<ResumedRequest | null> {
    const { contextOptions, guard, openStreams } = this.#options;
    const name = toRequestName(request.head, request.body);
    const known = this.#find(name);
    const credentials =
      known?.parts.credentials ?? readCredentials(request.head.headers, contextOptions.keyRings);
    if (credentials === null) return resume(request);
    const end = guard.begin(() => clientOf(credentials) ?? request.address());
    if (end === null) return resume(request);
    let close = () => {};
    try {
      const group = known ?? this.#prepare(request.body, credentials, name);
      if (group === null) return resume(request);
      close = openStreams.open(credentials.map(({ key }) => key));
      const resumed = await this.#subscribe(request, group, close);
      if (resumed !== null) close();
      return resumed;
    } catch (error) {
      close();
      if (error instanceof GatewayError) return resume(request);
      throw error;
    } finally {
      end();
    }
  }

  #find(name: string): StreamGroup | null {
    const group = this.#groups.get(name);
    return group === undefined || group.isWithdrawn ? null : group;
  }

  /** Prepares the first stream of a name: null where the request is not as usual. */
  #prepare(body: string, credentials: readonly Credential[], name: string): StreamGroup | null {
    const { operations, contextOptions } = this.#options;
    const prepared = operations.prepare('subscription', body, credentials);
    return prepared && new StreamGroup({ ...prepared, name, store: contextOptions.store });
  }

  async #subscribe(
    request: StreamRequest,
    group: StreamGroup,
    close: () => void,
  ): Promise<ResumedRequest | null> {
    const { records, schema, writer, logEnd } = this.#options;
    const { operation, params } = group.parts;
    const record = request.openRecord();
    records.beginKnown(record, operation.factsFor(request.head.headers));
    const { requestId } = request;
    const facts = {
      requestId,
      client: toClientGroup(request.address()),
      wantsFresh: request.head.wantsFresh,
      span: request.trace?.beginOperation() ?? null,
    };
    const client = new StreamClient(facts, group.parts.credentials, record);
    const context = createGraphQLContext(this.#options.contextOptions, client);
    const updates = await createSourceEventStream({
      schema,
      document: operation.document,
      operationName: params.operationName,
      variableValues: params.variables,
      contextValue: context,
    });
    context.complete();
    if (!(updates instanceof ConflatingStream)) return resume(request, record);
    const output = request.openOutput();
    const leave = (how: StreamEnd) => {
      close();
      client.leave();
      logEnd(how, requestId);
    };
    if (output === null) {
      void updates.return();
      leave('left');
      return null;
    }
    records.streamOpened(record);
    record.release();
    const joined = this.#join(group);
    const onEnd = (how: StreamEnd) => {
      leave(how);
      this.#leave(joined);
    };
    const options = this.#options;
    const events = new SubscriptionEvents({
      options,
      group: joined,
      context,
      client,
      record,
      requestId,
      updates,
      onEnd,
    });
    updates.listen(writer.open(output, events));
    return null;
  }

  /** Lets a stream join its group: the one that is there by now, where another stream of this name was quicker. */
  #join(group: StreamGroup): StreamGroup {
    const joined = this.#find(group.parts.name) ?? group;
    this.#groups.set(group.parts.name, joined);
    joined.join();
    return joined;
  }

  #leave(group: StreamGroup): void {
    group.leave();
    const { name } = group.parts;
    if (group.isEmpty && this.#groups.get(name) === group) this.#groups.delete(name);
  }
}
