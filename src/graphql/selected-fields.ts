import type { FieldNode, GraphQLResolveInfo, SelectionNode } from 'graphql';
import { isIncluded } from './is-included.ts';

type Operation = Pick<GraphQLResolveInfo, 'fragments' | 'variableValues'>;

/**
 * Lists the names of the fields that the operation selects below the current field, two levels deep: `edges`,
 * `pageInfo.endCursor`. Follows fragments, `@skip` and `@include`. The types of both levels must not be abstract.
 */
export function selectedFields(info: GraphQLResolveInfo): ReadonlySet<string> {
  const names = new Set<string>();
  for (const field of childrenOf(info.fieldNodes, info)) {
    names.add(field.name.value);
    for (const child of childrenOf([field], info)) names.add(`${field.name.value}.${child.name.value}`);
  }
  return names;
}

function childrenOf(fields: readonly FieldNode[], operation: Operation): readonly FieldNode[] {
  return fields.flatMap(({ selectionSet }) => flatten(selectionSet?.selections ?? [], operation));
}

function flatten(selections: readonly SelectionNode[], operation: Operation): readonly FieldNode[] {
  return selections.flatMap((selection) => {
    if (!isIncluded(selection, operation)) return [];
    if (selection.kind === 'Field') return [selection];
    const fragment =
      selection.kind === 'FragmentSpread' ? operation.fragments[selection.name.value] : selection;
    return flatten(fragment?.selectionSet.selections ?? [], operation);
  });
}
