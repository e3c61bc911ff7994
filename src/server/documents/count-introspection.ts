import {
  type FieldNode,
  type GraphQLField,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Arguments } from './read-arguments.ts';

type IntrospectionField = GraphQLField<unknown, unknown>;

/** Counts what introspection answers, for the cost of an operation. */
export interface IntrospectionCounter {
  /** Counts the fields of the answer to a field of the introspection system, with itself. */
  count(node: FieldNode, field: IntrospectionField, source: unknown): number;
}

/**
 * Makes a counter for introspection of this schema. It is exact: it asks the introspection system itself what each list
 * holds. What is selected of one element of the schema is counted once, however often the answer has it.
 */
export function createIntrospectionCounter(
  schema: GraphQLSchema,
  argumentsOf: (field: FieldNode) => Arguments,
  fragmentOf: (name: string) => SelectionSetNode | undefined,
): IntrospectionCounter {
  const counts = new Map<SelectionSetNode, Map<unknown, number>>();
  const info = { schema } as GraphQLResolveInfo;

  function count(node: FieldNode, field: IntrospectionField, source: unknown): number {
    const { selectionSet } = node;
    if (selectionSet === undefined) return 1;
    const type = getNamedType(field.type);
    const value = field.resolve?.(source, argumentsOf(node), undefined, info) ?? [];
    const elements = Array.isArray(value) ? value : [value];
    return elements.reduce((sum, element) => sum + countSet(selectionSet, type, element), 1);
  }

  function countSet(set: SelectionSetNode, type: unknown, element: unknown): number {
    const known = counts.get(set)?.get(element);
    if (known !== undefined) return known;
    const sum = set.selections.reduce((total, node) => total + countSelection(node, type, element), 0);
    const ofSet = counts.get(set) ?? new Map<unknown, number>();
    counts.set(set, ofSet.set(element, sum));
    return sum;
  }

  function countSelection(node: SelectionNode, type: unknown, element: unknown): number {
    if (node.kind === Kind.FIELD) {
      const field = isObjectType(type) ? type.getFields()[node.name.value] : undefined;
      // `__typename` is no field of a type.
      return field === undefined ? 1 : count(node, field, element);
    }
    const set = node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet : fragmentOf(node.name.value);
    return set === undefined ? 0 : countSet(set, type, element);
  }

  return { count };
}
