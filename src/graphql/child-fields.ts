import type { FieldNode, GraphQLResolveInfo, SelectionNode } from 'graphql';
import { isIncluded } from './is-included.ts';

/** The parts of an operation that decide what is selected. */
export type SelectingOperation = Pick<GraphQLResolveInfo, 'fragments' | 'variableValues'>;

/**
 * Lists the fields that the operation selects right below some fields. Follows fragments, `@skip` and `@include`. The types of
 * the fields must not be abstract.
 */
export function childFields(
  fields: readonly FieldNode[],
  operation: SelectingOperation,
): readonly FieldNode[] {
  return fields.flatMap(({ selectionSet }) => flatten(selectionSet?.selections ?? [], operation));
}

function flatten(selections: readonly SelectionNode[], operation: SelectingOperation): readonly FieldNode[] {
  return selections.flatMap((selection) => {
    if (!isIncluded(selection, operation)) return [];
    if (selection.kind === 'Field') return [selection];
    const fragment =
      selection.kind === 'FragmentSpread' ? operation.fragments[selection.name.value] : selection;
    return flatten(fragment?.selectionSet.selections ?? [], operation);
  });
}
