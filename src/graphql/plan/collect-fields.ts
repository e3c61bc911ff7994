import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { isIncluded } from '../is-included.ts';

/** The parts of an operation that decide what is selected. */
export interface SelectionScope {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** Values of the variables that directives use. */
  readonly variableValues: Readonly<Record<string, unknown>>;
}

/** The fields of some selection sets, merged: the nodes of each response name, in the order of the answer. */
export type CollectedFields = ReadonlyMap<string, readonly FieldNode[]>;

/** Collects what is selected of an object of a type (GraphQL specification, section 6.3.2). */
export function collectFields(
  sets: readonly SelectionSetNode[],
  type: GraphQLObjectType,
  scope: SelectionScope,
): CollectedFields {
  const fields = new Map<string, FieldNode[]>();
  const spread = new Set<string>();

  function collect(selections: readonly SelectionNode[]): void {
    for (const selection of selections) {
      if (!isIncluded(selection, scope)) continue;
      if (selection.kind === Kind.FIELD) add(selection);
      else collect(fragmentOf(selection)?.selectionSet.selections ?? []);
    }
  }

  function add(field: FieldNode): void {
    const name = (field.alias ?? field.name).value;
    const nodes = fields.get(name);
    if (nodes === undefined) fields.set(name, [field]);
    else nodes.push(field);
  }

  /** The fragment, if it is of the type, and is not spread here for a second time. */
  function fragmentOf(selection: Exclude<SelectionNode, FieldNode>) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      return isOfType(selection.typeCondition?.name.value, type, scope) ? selection : undefined;
    }
    const name = selection.name.value;
    if (spread.has(name)) return undefined;
    spread.add(name);
    const fragment = scope.fragments[name];
    return isOfType(fragment?.typeCondition.name.value, type, scope) ? fragment : undefined;
  }

  for (const { selections } of sets) collect(selections);
  return fields;
}

/** Whether objects of a type are meant by a type condition. */
function isOfType(
  condition: string | undefined,
  type: GraphQLObjectType,
  { schema }: SelectionScope,
): boolean {
  if (condition === undefined || condition === type.name) return true;
  const other = schema.getType(condition);
  return isAbstractType(other) && schema.isSubType(other, type);
}
