import type { FieldNode, GraphQLResolveInfo } from 'graphql';
import { childFields } from './child-fields.ts';

/**
 * Whether the operation selects `sources { error { … } }` of the current field, under whatever names: then the client sees in
 * the data which keys failed. Any field of `error` will do, also `__typename`: it tells that there is an error.
 */
export function selectsSourceErrors(
  info: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments' | 'variableValues'>,
): boolean {
  const below = (fields: readonly FieldNode[], name: string) =>
    childFields(fields, info).filter((field) => field.name.value === name);
  return childFields(below(below(info.fieldNodes, 'sources'), 'error'), info).length > 0;
}
