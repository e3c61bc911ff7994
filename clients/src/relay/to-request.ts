import type { RequestParameters, Variables } from 'relay-runtime';
import type { SseRequest } from '../streams/subscribe-by-sse.ts';

/** The body of a request: the text of the operation, or the id of one that was persisted (`persistConfig`). */
export function toRequest({ text, id, name }: RequestParameters, variables: Variables): SseRequest {
  const operation = text === null ? { doc_id: id } : { query: text };
  return { ...operation, operationName: name, variables };
}
