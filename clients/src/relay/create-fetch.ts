import {
  type FetchFunction,
  type GraphQLResponse,
  Observable,
  type PayloadData,
  type PayloadError,
} from 'relay-runtime';
import { postOperation } from '../client/post-operation.ts';
import { readAnswer } from '../client/read-answer.ts';
import { JobsError } from '../core/jobs-error.ts';
import type { SseOptions } from '../streams/subscribe-by-sse.ts';
import { toRequest } from './to-request.ts';

/**
 * Carries queries and mutations: the first argument of `Network.create`. Where something failed, Relay is given what did
 * not, with the errors. Fails with a `JobsError` if nothing is left: if all fields of the operation are null. So a list stays
 * as it is if its next page cannot be read. A request is given up when Relay does not want its answer any more.
 */
export function createFetch({
  url,
  headers,
  fetch: send = fetch,
}: Pick<SseOptions, 'url' | 'headers' | 'fetch'>): FetchFunction {
  async function post(body: object, signal: AbortSignal): Promise<GraphQLResponse> {
    const response = await postOperation({ url, headers, fetch: send }, 'application/json', body, signal);
    try {
      return { data: await readAnswer<PayloadData>(response) };
    } catch (error) {
      if (!(error instanceof JobsError) || !hasAnything(error.data)) throw error;
      return { data: error.data, errors: error.errors as PayloadError[] };
    }
  }

  return (operation, variables) =>
    Observable.create((sink) => {
      const left = new AbortController();
      post(toRequest(operation, variables), left.signal).then(
        (answer) => {
          sink.next(answer);
          sink.complete();
        },
        (error) => sink.error(error),
      );
      return () => left.abort();
    });
}

function hasAnything(data: object | null): data is object {
  return Object.values(data ?? {}).some((value) => value !== null);
}
