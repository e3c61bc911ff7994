import { setTimeout } from 'node:timers/promises';
import { aJob } from '../support/job-builder.ts';
import { jobService, refusal } from '../support/job-service.ts';
import type { UpstreamBehaviour, UpstreamScript } from '../support/scripted-upstream.ts';
import type { Truth } from './truth.ts';

const HELD = refusal(429, 'slow down', { 'retry-after': '1' });

/** What may go wrong with one request, and in how many of a thousand it does. */
const FAULTS: readonly (readonly [perMille: number, behaviour: UpstreamBehaviour])[] = [
  [15, { status: 503 }],
  [5, { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad gateway</html>' }],
  [10, 'reset'],
  [10, { body: '{"success":true,"data":[', isCutOff: true }],
  [10, { body: { success: true }, isStalled: true }],
  [10, 'hang'],
  [5, { body: 'nonsense' }],
  [5, { body: { success: true, data: aJob('somebody-else:job:1') } }],
  [5, HELD],
  [5, { status: 301, headers: { location: 'http://127.0.0.1:9/' } }],
];

export interface ChaosService {
  readonly script: UpstreamScript;
  /** Lets every request fail in this way; null is only the ordinary share. */
  disrupt(behaviour: UpstreamBehaviour | null): void;
  /** Refuses a key, or accepts it again. */
  revoke(key: string, isRevoked: boolean): void;
  isRevoked(key: string): boolean;
  /** No more faults. */
  calm(): void;
}

/** An upstream that knows the truth, but is slow, answers out of order, and fails at random. */
export function createChaosService(truth: Truth): ChaosService {
  const answer = jobService(truth.lists);
  const revoked = new Set<string>();
  let disruption: UpstreamBehaviour | null = null;
  let isCalm = false;

  function faultOf(): UpstreamBehaviour | null {
    if (disruption !== null || isCalm) return disruption;
    let dice = Math.random() * 1000;
    for (const [perMille, behaviour] of FAULTS) {
      dice -= perMille;
      if (dice < 0) return behaviour;
    }
    return null;
  }

  return {
    async script(request) {
      await setTimeout(Math.random() * 150);
      if (revoked.has(request.key ?? '')) return refusal(401, 'Authentication required');
      // The state is read at one moment of the exchange.
      const reply = faultOf() ?? (await answer(request));
      if (reply === HELD) truth.hold(request.key ?? '');
      await setTimeout(Math.random() * 150);
      return reply;
    },
    disrupt(behaviour) {
      disruption = behaviour;
    },
    revoke(key, isRevoked) {
      if (isRevoked) revoked.add(key);
      else revoked.delete(key);
    },
    isRevoked: (key) => revoked.has(key),
    calm() {
      disruption = null;
      isCalm = true;
      revoked.clear();
    },
  };
}
