import type { Plugin } from 'graphql-yoga';
import { REQUEST_ID_HEADER, requestIds, toRequestId } from '../records/request-ids.ts';

/** Gives each request an id. The response has the id, and so has every log line about the request. */
export function useRequestId(): Plugin {
  return {
    instrumentation: {
      request({ request }, wrapped) {
        // One that is resumed has its id.
        return requestIds.current === undefined
          ? requestIds.run(toRequestId(request.headers), wrapped)
          : wrapped();
      },
    },
    onResponse({ response }) {
      const id = requestIds.current;
      if (id !== undefined) response.headers.set(REQUEST_ID_HEADER, id);
    },
  };
}
