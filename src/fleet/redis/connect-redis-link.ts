import { createClient } from '@redis/client';
import type { FleetLink } from '../fleet-link.ts';
import { RedisLink } from './redis-link.ts';
import type { RedisLinkOptions } from './redis-link-options.ts';

/**
 * Opens the link to a Redis server. If the server cannot be reached within two seconds, the link is down and goes on trying. Throws if the
 * URL is none.
 */
export async function connectRedisLink(options: RedisLinkOptions): Promise<FleetLink> {
  // What is wrong with the URL is told now, not taken for a server that is gone.
  createClient({ url: options.url }).destroy();
  const link = new RedisLink({ retryMs: 1000, deadlineMs: 100, emptiedMs: 5000, ...options });
  await link.open();
  return link;
}
