import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from '../config/config.ts';
import { requestIds } from './records/request-ids.ts';

export interface LoggerOptions extends Pick<Config, 'logLevel'> {
  readonly destination: DestinationStream;
}

/** Makes the logger of a process. It writes lines of JSON. Every line about a request carries its `requestId`. */
export function createLogger({ logLevel, destination }: LoggerOptions): Logger {
  const options = {
    level: logLevel,
    mixin: () => ({ requestId: requestIds.current }),
  };
  return pino(options, destination);
}
