import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestIds } from './request-ids.ts';
import type { Outcome, RequestRecord } from './request-record.ts';
import type { RequestRecords } from './request-records.ts';

/**
 * Ends a record when the response is handed over or its connection closes, so that nothing counts as answered that was
 * not. One whose connection has closed before ends at once, but not before the caller has noted what was asked for.
 *
 * @param requestId A connection closes outside of its request, where the logger knows no request id.
 */
export function endWithResponse(
  records: RequestRecords,
  record: RequestRecord,
  request: IncomingMessage | undefined,
  response: ServerResponse,
  requestId = requestIds.getStore(),
): void {
  const end = () => records.end(record, outcomeOf(request, response), response.statusCode);
  const endNamed = () => {
    if (requestId === undefined) end();
    else requestIds.run(requestId, end);
  };
  if (response.destroyed) queueMicrotask(endNamed);
  else response.once('close', endNamed);
}

function outcomeOf(request: IncomingMessage | undefined, response: ServerResponse): Outcome {
  if (response.writableFinished) return 'answered';
  const socket = request?.socket;
  // A client that leaves ends its side, or resets the connection. Otherwise the gateway closed it.
  return socket?.readableEnded || socket?.errored ? 'abandoned' : 'cut';
}
