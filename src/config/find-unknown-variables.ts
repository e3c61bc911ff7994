import { editDistance } from './edit-distance.ts';
import type { Environment } from './environment.ts';
import { variables } from './variables.ts';

/** How the names of ours begin that hardly anything else has. */
const PREFIXES =
  /^(UPSTREAM|FRESH|STALE|STORE|RATE_LIMIT|OPERATION|DOCUMENT|MAX|WATCH|SSE|STREAM|ACCESS_LOG|PERSISTED|APQ|CORS|CSRF|TRUSTED|KEYRINGS|FLEET|SHUTDOWN|SANDBOX)_/;

/** What other programs, shells and platforms set. Kubernetes names variables after services, which have any name. */
const ORDINARY =
  /^(NODE|NPM|OTEL|KUBERNETES)_|^(ALL|FTP|HTTPS?|NO|SOCKS)_PROXY$|_SERVICE_(HOST|PORT)|_PORT_\d+_(TCP|UDP|SCTP)/i;
const ORDINARY_VALUE = /^(tcp|udp|sctp):\/\//;

/**
 * Says of each variable that looks like one of ours, but is none, which one may be meant. It has no effect, and whoever
 * set it thinks that it has. Names no value.
 */
export function findUnknownVariables(environment: Environment): readonly string[] {
  const known = Object.keys(variables.shape);
  return Object.entries(environment).flatMap(([name, value = '']) => {
    if (known.includes(name) || ORDINARY.test(name) || ORDINARY_VALUE.test(value)) return [];
    const meant = findMeant(name.toUpperCase(), known);
    if (meant !== undefined) return [`unknown variable ${name}: did you mean ${meant}?`];
    return PREFIXES.test(name) ? [`unknown variable ${name}: it has no effect`] : [];
  });
}

/** The nearest of ours, if it is near enough. */
function findMeant(name: string, known: readonly string[]): string | undefined {
  const hasPrefix = PREFIXES.test(name);
  const [nearest] = known
    .map((ours) => ({ ours, limit: maxDistance(ours, hasPrefix) }))
    // To compare a hundred variables with all of ours takes a tenth of a second.
    .filter(({ ours, limit }) => Math.abs(name.length - ours.length) <= limit)
    .map(({ ours, limit }) => ({ ours, distance: editDistance(name, ours, limit) }))
    .filter(({ distance }) => distance < Infinity)
    .sort((a, b) => a.distance - b.distance);
  return nearest?.ours;
}

/** Short names, such as PORT, are near to many words. With a prefix of ours, much of the rest may be wrong. */
function maxDistance(ours: string, hasPrefix: boolean): number {
  if (ours.length < 6) return 1;
  return hasPrefix ? Math.max(3, Math.floor(ours.length / 3)) : 2;
}
