import type { GraphQLResolveInfo } from 'graphql';
import { childFields } from './child-fields.ts';

/**
 * Lists the names of the fields that the operation selects below the current field, two levels deep: `edges`,
 * `pageInfo.endCursor`. Follows fragments, `@skip` and `@include`. The types of both levels must not be abstract.
 */
export function selectedFields(info: GraphQLResolveInfo): ReadonlySet<string> {
  const names = new Set<string>();
  for (const field of childFields(info.fieldNodes, info)) {
    names.add(field.name.value);
    for (const child of childFields([field], info)) names.add(`${field.name.value}.${child.name.value}`);
  }
  return names;
}
