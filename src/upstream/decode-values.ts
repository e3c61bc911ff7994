import { isPlainObject } from '../lib/is-plain-object.ts';

/** A JSON object as upstream sent it. */
export type Raw = Readonly<Record<string, unknown>>;

/** Is thrown where a value has another type than the contract says. One for all: a stack trace would take time. */
export const MISFIT = new TypeError('The value has another type than the contract says.');

/** The largest `Int` of GraphQL: so many jobs can be told of. */
export const MAX_INT = 2_147_483_647;

/** What `decode` gives, or null where a value that it needs has another type than the contract says. */
export function orNull<T>(decode: () => T): T | null {
  try {
    return decode();
  } catch (error) {
    if (error === MISFIT) return null;
    throw error;
  }
}

/** Whether upstream left a value out. Absent and null are the same. */
export function isUnset(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** A text, or null where there is none. Throws {@link MISFIT} for anything else. */
export function toText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (isUnset(value)) return null;
  throw MISFIT;
}

const DECIMAL = /^-?\d+(\.\d+)?$/;

/** A number, also as decimal text, which some routes send; null where there is none. Throws {@link MISFIT} for anything else. */
export function toNumber(value: unknown): number | null {
  if (isUnset(value)) return null;
  const number = typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw MISFIT;
  return number;
}

/** The same for a number that the contract says is whole. Others are rounded, not refused. */
export function toWholeNumber(value: unknown): number | null {
  const number = toNumber(value);
  if (number === null) return null;
  const rounded = Math.round(number);
  if (!Number.isSafeInteger(rounded)) throw MISFIT;
  return rounded;
}

/**
 * An object, empty where there is none. Throws {@link MISFIT} for anything else. Not copied: a copy would lose names such as
 * `__proto__`, and cost time for each job of a list.
 */
export function toObject(value: unknown): Raw {
  if (isUnset(value)) return {};
  if (!isPlainObject(value) || isTooDeep(value)) throw MISFIT;
  return value;
}

/** No real tags, options or results nest so deep. A much deeper value exhausts the stack of whoever serializes it. */
const MAX_DEPTH = 64;

/** Whether objects and arrays nest deeper in a JSON value than in any real answer. */
export function isTooDeep(value: unknown, depth = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  // What JSON makes inherits no properties, and a list of them would be made for nothing.
  for (const name in value) if (isTooDeep((value as Raw)[name], depth - 1)) return true;
  return false;
}
