import type { Logger } from '../../lib/logger.ts';
import type { StreamEnd } from './stream-writer.ts';

/** Logs how the stream of a request ended, if that is not as it should be. */
export type LogStreamEnd = (how: StreamEnd, requestId: string | undefined) => void;

/** A client that left is logged at the level `debug`, one that did not read at `info`, and a fault of ours as an error. */
export function createLogStreamEnd(logger: Logger): LogStreamEnd {
  return (how, requestId) => {
    if (how === 'left') logger.debug({ requestId }, 'operation abandoned');
    else if (how === 'unread')
      logger.info({ requestId }, 'event stream broken off: its client does not read');
    else if (how instanceof Error) logger.error({ requestId, err: how }, 'request failed');
  };
}
