import { onTestFinished } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { createFleetSeam } from '../../src/fleet/create-fleet-seam.ts';
import { createTestGateway, type TestGateway } from './create-test-gateway.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createFakeFleetServer, type FakeFleetServer } from './fake-fleet-server.ts';
import { type ScriptedUpstream, startScriptedUpstream, type UpstreamScript } from './scripted-upstream.ts';

export interface TestFleet {
  /** Executes an operation on the replica whose turn it is. */
  readonly query: TestGateway['query'];
  readonly replicas: readonly TestGateway[];
  /** What the replicas share. */
  readonly server: FakeFleetServer;
  readonly upstream: ScriptedUpstream;
  readonly clock: FakeClock;
}

export interface FleetOptions {
  /** @default 2 */
  readonly size?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly clock?: FakeClock;
  /** The secrets of each replica. @default the same one */
  readonly secretsOf?: (replica: number) => readonly string[];
}

const SECRET = 'a secret of thirty-two characters';

/** Replicas over one scripted upstream, which share a fake server, on one clock. All end with the test. */
export async function createTestFleet(
  script: UpstreamScript,
  { size = 2, environment = {}, clock = createFakeClock(), secretsOf = () => [SECRET] }: FleetOptions = {},
): Promise<TestFleet> {
  const upstream = await startScriptedUpstream(script);
  onTestFinished(() => upstream.close());
  const server = createFakeFleetServer(clock);
  const { rateLimit: limits } = parseConfig(environment);
  const replicas = await Promise.all(
    Array.from({ length: size }, (_, index) => {
      const link = server.connect(`replica${index}`);
      const fleet = createFleetSeam({
        link,
        clock,
        limits,
        secrets: secretsOf(index),
        size,
        replica: `r${index}`,
      });
      return createTestGateway(script, environment, clock, { fleet, upstream });
    }),
  );
  let turns = 0;
  const query: TestGateway['query'] = async (...operation) => {
    turns += 1;
    const replica = replicas[turns % size];
    if (replica === undefined) throw new Error('There is no such replica.');
    return replica.query(...operation);
  };
  return { query, replicas, server, upstream, clock };
}
