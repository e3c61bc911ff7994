import type { Logger } from '../../src/lib/logger.ts';

/** A logger that writes nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
