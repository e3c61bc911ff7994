import { createAnswerHeaders } from '../../src/server/lane/answer-headers.ts';
import { requestIds, toRequestId } from '../../src/server/records/request-ids.ts';
import type { RequestRecord } from '../../src/server/records/request-record.ts';
import { StreamBody } from '../../src/server/streams/stream-body.ts';
import { fetchByYoga, type SentOperation, type Served, toHead } from './fetch-by-lane.ts';

const toHeaders = createAnswerHeaders({ corsOrigins: [], keyRingsPath: null });

/** Opens an event stream as a socket would, without one: through the fast lane, and on to Yoga where that does not take it. */
export async function streamByLane(gateway: Served, operation: SentOperation): Promise<Response> {
  const { body, signal } = operation;
  const head = toHead(operation);
  if (head?.answerType !== 'text/event-stream') return fetchByYoga(gateway, operation);
  const { headers } = head;
  const requestId = toRequestId(headers);
  const output = new StreamBody();
  const { records, addresses, streamLane } = gateway;
  const address = () => addresses.find(headers, operation.address);
  let record: RequestRecord | null = null;
  let isOpen = false;
  const end = () => {
    if (record !== null) records.end(record, signal?.aborted ? 'abandoned' : 'answered', 200);
  };
  signal?.addEventListener('abort', () => output.close());
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
  if (isOpen) return new Response(output.stream, { headers: toPairs(toHeaders(head, requestId)) });
  return requestIds.run(requestId, () => fetchByYoga(gateway, operation, resumed ?? undefined));
}

function toPairs(names: readonly string[]): [string, string][] {
  return names.flatMap((name, index) => (index % 2 === 0 ? [[name, names[index + 1] ?? '']] : []));
}
