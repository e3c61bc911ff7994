import { execute as executeByTools } from '@graphql-tools/executor';
import type { Execute } from './execute-unrefused.ts';

/**
 * Executes a query, a mutation or one event of a subscription with the executor of Yoga. That of graphql-js tells clients of a
 * value that does not fit its type, as if it were theirs: here that is a fault of ours, and is masked.
 */
// No operation is answered in parts: the schema has no `@defer` and no `@stream`.
export const execute = executeByTools as Execute;
