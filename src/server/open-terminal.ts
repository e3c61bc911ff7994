import type { DestinationStream } from 'pino';
import { build } from 'pino-pretty';

/** Where a logger writes if its lines are for people in a terminal: coloured text instead of JSON. */
export function openTerminal(): DestinationStream {
  return build({ ignore: 'pid,hostname', translateTime: 'HH:MM:ss' });
}
