import type { Plugin } from 'graphql-yoga';
import { type HttpRefusal, toErrorResponse } from '../http/http-refusal.ts';

const NOTHING: HttpRefusal = {
  status: 404,
  code: 'NOT_FOUND',
  message: 'There is nothing here. The API is at /graphql.',
};

/** Answers requests for paths that nobody serves. Comes after the plugins that serve some. */
export function useUnknownPaths(): Plugin {
  return {
    onRequest({ url, fetchAPI, endResponse }) {
      if (/^\/graphql\/?$/.test(url.pathname)) return;
      endResponse(toErrorResponse(NOTHING, fetchAPI.Response));
    },
  };
}
