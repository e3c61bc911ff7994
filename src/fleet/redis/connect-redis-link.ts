import { createClient } from '@redis/client';
import type { FleetLink } from '../fleet-link.ts';
import { RedisLink } from './redis-link.ts';
import type { RedisLinkOptions } from './redis-link-options.ts';

/**
 * Opens the link to a Redis server. If the server cannot be reached within two seconds, the link is down and goes on trying. Throws if the
 * URL is none.
 */
export async function connectRedisLink(options: RedisLinkOptions): Promise<FleetLink> {
  assertUrl(options.url);
  const link = new RedisLink({ retryMs: 1000, deadlineMs: 100, emptiedMs: 5000, ...options });
  await link.open();
  return link;
}

/** Tells now what is wrong with a URL, which would else look like a server that is gone. It may hold a password: it is not repeated. */
function assertUrl(url: string): void {
  try {
    createClient({ url }).destroy();
  } catch {
    throw new Error('The URL of the server must begin with redis:, rediss: or unix:///, and be complete.');
  }
}
