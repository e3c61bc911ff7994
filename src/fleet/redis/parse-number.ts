import type { RedisReply } from './run-script.ts';

/** A number that a script gave. Throws where it is none, or has no bounds: whoever can write to the server may have put it there. */
export function parseNumber(value: RedisReply | undefined): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number))
    throw new Error(`The server gave “${String(value)}” for a number.`);
  return number;
}
