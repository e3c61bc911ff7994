import type { SandboxKey } from './sandbox-keys.ts';

/** An API key whose requests go wrong, always in the same way. It has jobs of its own. */
export interface FaultKey extends SandboxKey {
  readonly fault: 'rate-limited' | 'unavailable' | 'slow' | 'revoked';
  /** What happens to its requests, to be read behind the key. */
  readonly effect: string;
}

/** How many requests are answered before the key `revoked` is. */
export const REQUESTS_BEFORE_REVOCATION = 5;

/** The keys that the sandbox accepts besides all others, to see how a client copes. */
export const faultKeys: readonly FaultKey[] = [
  toFaultKey('429', 'rate-limited', 'is always answered 429, with Retry-After: 30'),
  toFaultKey('503', 'unavailable', 'is always answered 503'),
  toFaultKey('slow', 'slow', 'is answered after 5 seconds'),
  toFaultKey('revoked', 'revoked', `is answered 401 after its first ${REQUESTS_BEFORE_REVOCATION} requests`),
];

function toFaultKey(label: string, fault: FaultKey['fault'], effect: string): FaultKey {
  return { label, key: `qbr_demo_${label}`, user: label, team: null, fault, effect };
}
