import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';

/** What a link to Redis needs. */
export interface RedisLinkOptions {
  /** `redis:`, `rediss:` (TLS), or `unix:///path`, with user and password where the server wants them. */
  readonly url: string;
  /** The name of this replica: one that no other one has, of the letters `A-Z a-z 0-9 - _`. */
  readonly replica: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long the link does not try after a fault, and how often it looks after its connections. @default 1000 */
  readonly retryMs?: number;
  /** How long a command may take. @default 100 */
  readonly deadlineMs?: number;
  /** How long the link stays down after the server has lost data. @default 5000 */
  readonly emptiedMs?: number;
}
