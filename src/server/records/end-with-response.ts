import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Outcome, RequestRecord } from './request-record.ts';
import type { RequestRecords } from './request-records.ts';

/**
 * Ends a record when the response is handed over or its connection closes, so that nothing counts as answered that was
 * not. One whose connection has closed before ends at once, but not before the caller has noted what was asked for.
 */
export function endWithResponse(
  records: RequestRecords,
  record: RequestRecord,
  request: IncomingMessage | undefined,
  response: ServerResponse,
): void {
  const end = () => records.end(record, outcomeOf(request, response), response.statusCode);
  if (response.destroyed) queueMicrotask(end);
  else response.on('close', end);
}

function outcomeOf(request: IncomingMessage | undefined, response: ServerResponse): Outcome {
  if (response.writableFinished) return 'answered';
  const socket = request?.socket;
  // A client that leaves ends its side, or resets the connection. Otherwise the gateway closed it.
  return socket?.readableEnded || socket?.errored ? 'abandoned' : 'cut';
}
