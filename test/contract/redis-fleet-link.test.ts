import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe } from 'vitest';
import type { FleetLink } from '../../src/fleet/fleet-link.ts';
import { connectRedisLink } from '../../src/fleet/redis/connect-redis-link.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { describeFleetLink } from '../support/fleet-link-contract.ts';
import { hasRedisServer, type RedisServer, startRedisServer } from '../support/redis-server.ts';
import { silentLogger } from '../support/silent-logger.ts';

describe.skipIf(!hasRedisServer())('over Redis', () => {
  let server: RedisServer;
  const links = new Map<string, Promise<FleetLink>>();

  beforeAll(async () => {
    server = await startRedisServer();
  });

  afterAll(async () => {
    for (const link of links.values()) await (await link).close();
    await server.close();
  });

  /** Tests share the links of two replicas, as they have keys of their own. */
  function connect(replica: string): Promise<FleetLink> {
    // A hundred tests at once keep this process busy for longer than a command may take.
    const options = {
      url: server.url,
      replica,
      clock: systemClock,
      logger: silentLogger,
      deadlineMs: 10_000,
    };
    const link = links.get(replica) ?? connectRedisLink(options);
    links.set(replica, link);
    return link;
  }

  describeFleetLink('a link to a Redis server', async () => ({ connect, pass: (ms) => setTimeout(ms) }));
});
