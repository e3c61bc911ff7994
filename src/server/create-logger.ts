import { type DestinationStream, type Logger, pino } from 'pino';
import { build as pretty } from 'pino-pretty';
import type { Config } from '../config/config.ts';
import { requestIds } from './records/request-ids.ts';

export interface LoggerOptions extends Pick<Config, 'logLevel'> {
  /** Whether the lines are for people in a terminal: then they are coloured text instead of JSON. */
  readonly isTerminal: boolean;
  /** @default standard output */
  readonly destination?: DestinationStream;
}

/** Makes the logger of a process. Every line about a request carries its `requestId`. */
export function createLogger({ logLevel, isTerminal, destination }: LoggerOptions): Logger {
  const stream =
    destination ?? (isTerminal ? pretty({ ignore: 'pid,hostname', translateTime: 'HH:MM:ss' }) : undefined);
  const options = {
    level: logLevel,
    mixin: () => ({ requestId: requestIds.getStore() }),
  };
  return stream === undefined ? pino(options) : pino(options, stream);
}
