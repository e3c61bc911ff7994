import { EventEmitter } from 'node:events';
import { createAnswerHeaders } from '../../src/server/lane/answer-headers.ts';
import { requestIds, toRequestId } from '../../src/server/records/request-ids.ts';
import type { RequestRecord } from '../../src/server/records/request-record.ts';
import type { EventBytes } from '../../src/server/streams/event-text.ts';
import type { StreamOutput } from '../../src/server/streams/stream-writer.ts';
import { fetchByYoga, type SentOperation, type Served, toHead } from './fetch-by-lane.ts';

const toHeaders = createAnswerHeaders({ corsOrigins: [], keyRingsPath: null });

/** Opens an event stream as a socket would, without one: through the fast lane, and on to Yoga where that does not take it. */
export async function streamByLane(gateway: Served, operation: SentOperation): Promise<Response> {
  const { body, signal } = operation;
  const head = toHead(operation);
  if (head?.answerType !== 'text/event-stream') return fetchByYoga(gateway, operation);
  const { headers } = head;
  const requestId = toRequestId(headers);
  const output = new PulledOutput();
  const { records, addresses, streamLane } = gateway;
  const address = () => addresses.find(headers, operation.address);
  let record: RequestRecord | null = null;
  let isOpen = false;
  const end = () => {
    if (record !== null) records.end(record, signal?.aborted ? 'abandoned' : 'answered', 200);
  };
  signal?.addEventListener('abort', () => output.hangUp());
  const resumed = await streamLane.open({
    head,
    body,
    requestId,
    address,
    trace: null,
    openRecord() {
      record = records.open({ requestId, headers, address });
      return record;
    },
    openOutput() {
      isOpen = !signal?.aborted;
      output.on('close', end);
      return isOpen ? output : null;
    },
  });
  signal?.throwIfAborted();
  if (isOpen) return new Response(output.body, { headers: toPairs(toHeaders(head, requestId)) });
  return requestIds.run(requestId, () => fetchByYoga(gateway, operation, resumed ?? undefined));
}

function toPairs(names: readonly string[]): [string, string][] {
  return names.flatMap((name, index) => (index % 2 === 0 ? [[name, names[index + 1] ?? '']] : []));
}

/** A response whose client has taken something as soon as it asks for what comes next. */
class PulledOutput extends EventEmitter implements StreamOutput {
  readonly #chunks: EventBytes[] = [];
  #controller: ReadableStreamDefaultController<EventBytes> | null = null;
  #wake = () => {};
  #isOver = false;

  readonly body = new ReadableStream<EventBytes>(
    {
      start: (controller) => {
        this.#controller = controller;
      },
      pull: async () => {
        if (this.#chunks.length === 0) this.emit('drain');
        if (this.#chunks.length === 0 && !this.#isOver) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) this.#controller?.enqueue(chunk);
        if (!this.#isOver || this.#chunks.length > 0) return;
        this.#controller?.close();
        setImmediate(() => this.emit('close'));
      },
      cancel: () => this.hangUp(),
    },
    { highWaterMark: 0 },
  );

  write(bytes: EventBytes): boolean {
    this.#chunks.push(bytes);
    this.#wake();
    return false;
  }

  end(bytes: EventBytes): void {
    this.#isOver = true;
    this.write(bytes);
  }

  destroy(): void {
    this.#isOver = true;
    this.#controller?.error(new Error('The stream broke off.'));
    this.emit('close');
  }

  hangUp(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#wake();
    this.emit('close');
  }
}
