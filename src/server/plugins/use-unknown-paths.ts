import type { Plugin } from 'graphql-yoga';
import { toErrorBody } from '../http/http-refusal.ts';

const BODY = toErrorBody({ code: 'NOT_FOUND', message: 'There is nothing here. The API is at /graphql.' });

/** Answers requests for paths that nobody serves. Comes after the plugins that serve some. */
export function useUnknownPaths(): Plugin {
  return {
    onRequest({ url, fetchAPI, endResponse }) {
      if (/^\/graphql\/?$/.test(url.pathname)) return;
      const headers = { 'content-type': 'application/json; charset=utf-8' };
      endResponse(new fetchAPI.Response(BODY, { status: 404, headers }));
    },
  };
}
