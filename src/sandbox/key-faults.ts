import { type FaultKey, faultKeys, REQUESTS_BEFORE_REVOCATION } from './fault-keys.ts';
import { Refusal } from './refusal.ts';

/** What goes wrong with the requests of the fault keys. Other keys pass. */
interface KeyFaults {
  /** Counts a request with this key, and throws the `Refusal` that the key brings about. */
  meet(key: string): void;
  /** How long a request with this key waits for its answer. */
  delayMsOf(key: string): number;
}

/** Makes the faults. Keeps how many requests the key to revoke has had. */
export function createKeyFaults(slowMs: number): KeyFaults {
  let requestsUntilRevocation = REQUESTS_BEFORE_REVOCATION;

  function refuse(fault: FaultKey['fault'] | undefined): void {
    if (fault === 'rate-limited') {
      throw new Refusal(429, 'RATE_LIMITED', 'Too many requests', { headers: { 'retry-after': '30' } });
    }
    if (fault === 'unavailable') throw new Refusal(503, 'SERVICE_UNAVAILABLE', 'Service Unavailable');
    if (fault !== 'revoked') return;
    if (requestsUntilRevocation === 0) throw new Refusal(401, 'INVALID_API_KEY', 'Invalid API key');
    requestsUntilRevocation -= 1;
  }

  return {
    meet: (key) => refuse(faultOf(key)),
    delayMsOf: (key) => (faultOf(key) === 'slow' ? slowMs : 0),
  };
}

function faultOf(key: string): FaultKey['fault'] | undefined {
  return faultKeys.find((candidate) => candidate.key === key)?.fault;
}
