import { isPlainObject } from '../lib/is-plain-object.ts';
import { parseJson } from '../lib/parse-json.ts';
import type { ValidationFault } from './refusal.ts';

/** Reads query parameters, and gathers what is wrong with them in the words of the upstream's validator. */
interface ParameterReader {
  /** What was wrong with the parameters read so far. */
  readonly faults: readonly ValidationFault[];
  /** A text of at most `maxLength` characters, and not empty where that is given; null where it is left out. */
  readText(name: string, bounds?: { readonly maxLength: number }): string | null;
  /** One of these values; null where it is left out. */
  readOneOf<T extends string>(name: string, values: readonly T[]): T | null;
  /** A whole number. */
  readInteger(name: string, rule: { fallback: number; min: number; max: number }): number;
  /** A JSON object of strings, integers and booleans; empty where it is left out. */
  readTags(name: string): Record<string, unknown>;
}

/** Makes a reader of these parameters. A faulty one is noted in `faults` and read as if it were left out. */
export function createParameterReader(parameters: URLSearchParams): ParameterReader {
  const faults: ValidationFault[] = [];

  function note(path: string[], type: string, msg: string): void {
    faults.push({ loc: ['query', ...path], msg, type });
  }

  return {
    faults,

    readText(name, bounds) {
      const text = parameters.get(name);
      if (text === null || !bounds) return text;
      if (text.length > 0 && text.length <= bounds.maxLength) return text;
      if (text.length === 0) note([name], 'string_too_short', 'String should have at least 1 character');
      else note([name], 'string_too_long', `String should have at most ${bounds.maxLength} characters`);
      return null;
    },

    readOneOf(name, values) {
      const text = parameters.get(name);
      const value = values.find((candidate) => candidate === text);
      if (value !== undefined || text === null) return value ?? null;
      const quoted = values.map((candidate) => `'${candidate}'`);
      note([name], 'enum', `Input should be ${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`);
      return null;
    },

    readInteger(name, { fallback, min, max }) {
      const text = parameters.get(name);
      if (text === null) return fallback;
      const value = Number(text);
      if (!/^[+-]?\d+$/.test(text)) note([name], 'int_parsing', 'Input should be a valid integer');
      else if (value < min)
        note([name], 'greater_than_equal', `Input should be greater than or equal to ${min}`);
      else if (value > max) note([name], 'less_than_equal', `Input should be less than or equal to ${max}`);
      else return value;
      return fallback;
    },

    readTags(name) {
      const tags = parseJson(parameters.get(name) ?? '{}');
      if (tags === undefined) note([name], 'json_invalid', 'Invalid JSON');
      else if (!isPlainObject(tags)) note([name], 'dict_type', 'Input should be a valid dictionary');
      else {
        for (const [key, value] of Object.entries(tags)) {
          if (!isTagValue(value)) note([name, key], 'union', 'Input should be a string, integer or boolean');
        }
        return tags;
      }
      return {};
    },
  };
}

function isTagValue(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isInteger(value);
}
