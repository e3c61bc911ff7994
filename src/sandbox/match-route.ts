import { Refusal } from './refusal.ts';

/** What a request asks for. */
type Route =
  | { readonly name: 'job' | 'result' | 'cancel' | 'device'; readonly qrn: string }
  | { readonly name: 'jobs'; readonly parameters: URLSearchParams }
  | { readonly name: 'statuses' };

/** Finds the route of a request, by its path below the base with its query. Throws a `Refusal` where there is none. */
export function matchRoute(method: string, path: string): Route {
  const [, pathname = '', query = ''] = /^([^?]*)\??(.*)$/.exec(path) ?? [];
  const route = matchPath(pathname, new URLSearchParams(query));
  if (!route) throw new Refusal(404, 'NOT_FOUND', 'Not Found');
  const allow = route.name === 'cancel' ? 'POST' : 'GET';
  if (method !== allow) {
    throw new Refusal(405, 'METHOD_NOT_ALLOWED', 'Method Not Allowed', { headers: { allow } });
  }
  return route;
}

function matchPath(pathname: string, parameters: URLSearchParams): Route | null {
  if (pathname === '/jobs') return { name: 'jobs', parameters };
  if (pathname === '/jobs/statuses') return { name: 'statuses' };
  if (pathname === '/jobs/summary') return null;
  const [, collection, encodedQrn = '', action] =
    /^\/(jobs|devices)\/([^/]+)(?:\/(result|cancel))?$/.exec(pathname) ?? [];
  const qrn = decode(encodedQrn);
  if (collection === 'jobs')
    return { name: action === 'result' || action === 'cancel' ? action : 'job', qrn };
  return collection === 'devices' && action === undefined ? { name: 'device', qrn } : null;
}

/** Decodes a part of a path; what cannot be decoded stays as it is. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
