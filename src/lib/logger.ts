/** Writes one log line: what happened, and the facts about it. Never a key, never an upstream body. */
export type Log = (facts: Readonly<Record<string, unknown>>, message: string) => void;

/** What the layers below `server/` need of a logger: a part of pino's. */
export interface Logger {
  debug: Log;
  info: Log;
  warn: Log;
  error: Log;
}

/** A logger with every level that `LOG_LEVEL` knows. */
export interface FullLogger extends Logger {
  trace: Log;
  fatal: Log;
  /** Whether lines of this level are written. */
  isLevelEnabled(level: string): boolean;
}
