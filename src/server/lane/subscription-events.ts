import type { ExecutionResult } from 'graphql';
import type { GraphQLContext } from '../../graphql/graphql-context.ts';
import { AnswerRoom } from '../../graphql/plan/answer-room.ts';
import { writeResult } from '../../graphql/plan/text.ts';
import type { Clock } from '../../lib/clock.ts';
import type { ConflatingStream } from '../../live/conflating-stream.ts';
import type { RequestRecord } from '../records/request-record.ts';
import type { RequestRecords } from '../records/request-records.ts';
import { type EventBytes, NOTHING, PIECE_BYTES, stringifyResult, toEvent } from '../streams/event-text.ts';
import type { EventSource, StreamEnd } from '../streams/stream-writer.ts';
import { type ExecutionOptions, executeAndComplete, maskErrors } from './execute-and-complete.ts';
import { dependsOnReadings } from './is-unchanged.ts';
import type { StreamClient } from './stream-client.ts';
import type { SharedEvent, StreamGroup } from './stream-group.ts';

export interface EventsOptions extends ExecutionOptions {
  readonly records: Pick<RequestRecords, 'eventSent'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** One open stream, and what it shares with equal ones. */
export interface SubscriptionParts {
  readonly options: EventsOptions;
  readonly group: StreamGroup;
  readonly context: GraphQLContext;
  readonly record: RequestRecord;
  readonly requestId: string;
  readonly updates: ConflatingStream<object>;
  readonly client: Pick<StreamClient, 'reads'>;
  readonly onEnd: (how: StreamEnd) => void;
}

type MadeEvent = Pick<SharedEvent, 'bytes' | 'isOfUpdateAlone'>;

/** An event without errors, as records see it. */
const SUCCESS: ExecutionResult = {};

/** Makes events of the updates of a subscription, or takes those that another stream of its group has made. */
export class SubscriptionEvents implements EventSource {
  readonly #parts: SubscriptionParts;

  constructor(parts: SubscriptionParts) {
    this.#parts = parts;
  }

  get isEnded(): boolean {
    return this.#parts.updates.isClosed;
  }

  leave(): void {
    void this.#parts.updates.return();
  }

  onEnd(how: StreamEnd): void {
    this.leave();
    this.#parts.onEnd(how);
  }

  take(): EventBytes | Promise<EventBytes> | null {
    const { updates, group } = this.#parts;
    const waiting = updates.waiting();
    if (waiting.length === 0) return null;
    const partitions = this.#unrefused();
    const batch = partitions && waiting.length > 1 ? group.findBatch(waiting, partitions) : null;
    if (batch === null) return this.#make();
    updates.clear();
    for (const _ of waiting) this.#sent(SUCCESS);
    return batch;
  }

  /**
   * Makes the events of all updates that wait, up to the first that has to wait for something. No more of them than are
   * handed over at once: a refused key takes back what waits here.
   */
  #make(): EventBytes | Promise<EventBytes> {
    const { updates, group } = this.#parts;
    const taken: object[] = [];
    const parts: EventBytes[] = [];
    let isOfUpdatesAlone = true;
    for (let bytes = 0; bytes < PIECE_BYTES; ) {
      const update = updates.take();
      if (update === null) break;
      const event = this.#eventOf(update);
      if (event instanceof Promise) return event.then((last) => join([...parts, last]));
      isOfUpdatesAlone &&= event.isOfUpdateAlone;
      parts.push(event.bytes);
      taken.push(update);
      bytes += event.bytes.length;
    }
    const bytes = join(parts);
    const partitions = this.#unrefused();
    if (taken.length > 1 && isOfUpdatesAlone && partitions !== null) {
      group.keepBatch({ updates: taken, partitions, bytes });
    }
    return bytes;
  }

  #eventOf(update: object): MadeEvent | Promise<EventBytes> {
    const { group, options } = this.#parts;
    const partitions = this.#unrefused();
    const shared = partitions && group.find(update, partitions, options.clock.now());
    if (!shared) return this.#execute(update);
    this.#sent(SUCCESS);
    return shared;
  }

  /** Executes an update by the plan, or by the executor of Yoga where that does not go as usual. */
  #execute(update: object): MadeEvent | Promise<EventBytes> {
    const { group, context, client, options } = this.#parts;
    const { plan, variableValues } = group.parts.run;
    const readsBefore = client.reads;
    const room = new AnswerRoom(options.maxAnswerBytes);
    context.beginEvent();
    const data = plan.write(update, { context, variableValues, room });
    if (typeof data !== 'string') {
      return data.then(
        (written) => this.#finish(update, written, readsBefore)?.bytes ?? this.#executeSlowly(update),
        () => this.#executeSlowly(update),
      );
    }
    return this.#finish(update, data, readsBefore) ?? this.#executeSlowly(update);
  }

  /** The event of what a plan has written: null where the executor has to say what is wrong. */
  #finish(update: object, data: string, readsBefore: number): MadeEvent | null {
    const { context, group, options, client } = this.#parts;
    if (context.reported().length > 0 || context.isRefused()) return null;
    const isStale = context.isStale();
    const bytes = toEvent(writeResult(data, isStale));
    if (bytes.length - EVENT_BYTES > options.maxAnswerBytes) return null;
    context.complete();
    this.#sent(SUCCESS);
    const { plan } = group.parts.run;
    const event = {
      bytes,
      states: context.session().changes.begin,
      dependsOnReadings: dependsOnReadings(plan, group.parts.credentials.length),
      isOfUpdateAlone: client.reads === readsBefore,
      freshUntilMs: context.freshUntilMs(),
    };
    // A failure that is a part of the update is the same for all who show it.
    const isPartial = context.isPartial() && !event.isOfUpdateAlone;
    if (isStale || isPartial || plan.tellsBudgets || this.#unrefused() === null) {
      return { bytes, isOfUpdateAlone: false };
    }
    group.keep(update, event);
    return event;
  }

  async #executeSlowly(update: object): Promise<EventBytes> {
    const { context, group, options, requestId } = this.#parts;
    const { operation, params } = group.parts;
    if (context.findRefusal()) context.restart();
    else context.rewind();
    const result = await executeAndComplete({ operation, params, context, rootValue: update }, options);
    // Nobody reads the errors of a stream whose client has left.
    if (this.isEnded && this.#parts.record.isEnded) return NOTHING;
    this.#sent(result);
    return toEvent(stringifyResult(maskErrors(result, options.logger, requestId)));
  }

  #unrefused(): readonly number[] | null {
    return this.#parts.context.session().refusals.unrefused();
  }

  #sent(event: ExecutionResult): void {
    const { options, record } = this.#parts;
    options.records.eventSent(record, event);
  }
}

/** What an event has beside its JSON. */
const EVENT_BYTES = toEvent('').length;

function join(parts: readonly EventBytes[]): EventBytes {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
}
