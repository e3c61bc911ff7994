import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { type HttpRefusal, toErrorResponse } from '../http/http-refusal.ts';

const ANSWERS = 'application/graphql-response+json, application/json';
const STREAMS = 'text/event-stream';

/** Tells clients that accept none of the media types of an answer which there are. Yoga says it with an empty body. */
export function useAcceptableAnswers(): Plugin {
  return {
    onResultProcess({ result, resultProcessor, setResultProcessor }) {
      if (resultProcessor !== undefined) return;
      const isStream = isAsyncIterable(result);
      const accepted = isStream ? STREAMS : ANSWERS;
      const message = `The answer to this operation has one of these types, of which Accept must allow one: ${accepted}.`;
      setResultProcessor(async (_, fetchAPI) => {
        if (isStream) await result[Symbol.asyncIterator]().return?.();
        const refusal: HttpRefusal = {
          status: 406,
          code: 'NOT_ACCEPTABLE',
          message,
          headers: { accept: accepted },
        };
        return toErrorResponse(refusal, fetchAPI.Response);
      }, 'application/json');
    },
  };
}
