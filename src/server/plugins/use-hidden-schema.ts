import type { Plugin } from 'graphql-yoga';
import { hideSchema } from '../documents/hide-schema.ts';
import { onEachResult } from './each-result.ts';

/**
 * Says nothing about the schema in the errors of the executor itself, which refuses variables and arguments of another
 * type and suggests names that are near. It must come before the plugin that gives errors their codes.
 */
export function useHiddenSchema(): Plugin {
  return onEachResult(hideSchema);
}
