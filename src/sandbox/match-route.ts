import { Refusal } from './refusal.ts';

/** What a request asks for. */
type Route =
  | { readonly name: 'job'; readonly qrn: string }
  | { readonly name: 'jobs'; readonly parameters: URLSearchParams }
  | { readonly name: 'statuses' };

/** Finds the route of a request, by its path below the base with its query. Throws a `Refusal` where there is none. */
export function matchRoute(method: string, path: string): Route {
  const [, pathname = '', query = ''] = /^([^?]*)\??(.*)$/.exec(path) ?? [];
  const route = matchPath(pathname, new URLSearchParams(query));
  if (!route) throw new Refusal(404, 'NOT_FOUND', 'Not Found');
  if (method !== 'GET') {
    throw new Refusal(405, 'METHOD_NOT_ALLOWED', 'Method Not Allowed', { headers: { allow: 'GET' } });
  }
  return route;
}

function matchPath(pathname: string, parameters: URLSearchParams): Route | null {
  if (pathname === '/jobs') return { name: 'jobs', parameters };
  if (pathname === '/jobs/statuses') return { name: 'statuses' };
  if (pathname === '/jobs/summary') return null;
  const encodedQrn = /^\/jobs\/([^/]+)$/.exec(pathname)?.[1];
  return encodedQrn === undefined ? null : { name: 'job', qrn: decode(encodedQrn) };
}

/** Decodes a part of a path; what cannot be decoded stays as it is. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
