import {
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  isCompositeType,
  isListType,
  isObjectType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql';
import { MAX_KEYS } from '../../auth/key-rules.ts';
import { createIntrospectionCounter, type IntrospectionCounter } from './count-introspection.ts';
import { lengthOf, toBound, toPageSize } from './list-size.ts';
import { type Arguments, createArgumentReader } from './read-arguments.ts';

/** An operation that is about to be executed. It is valid; its variables may be anything. */
export interface CostQuestion {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * Estimates how many fields the answer of an operation has at most, or one event of a subscription: each field at each
 * place where it would stand, in full lists. Every selection counts: also the second of the same field, and what
 * `@skip` or `@include` leaves out. 0 if there is no such operation. Looks at each part of the document once.
 */
export function estimateCost({ schema, document, operationName, variableValues }: CostQuestion): number {
  const operation = getOperationAST(document, operationName);
  const root = operation == null ? null : schema.getRootType(operation.operation);
  if (operation == null || root == null) return 0;
  const estimate = new CostEstimate(schema, document, operation, variableValues ?? {});
  return estimate.costOf(operation.selectionSet, root).fields;
}

/** The fields of a selection set: those that count once, and those that count for each item of the connection around. */
interface Cost {
  readonly fields: number;
  readonly perItem: number;
}

const NONE: Cost = { fields: 0, perItem: 0 };
const ONE: Cost = { fields: 1, perItem: 0 };

class CostEstimate {
  readonly #schema: GraphQLSchema;
  readonly #fragments = new Map<string, { readonly type: string; readonly set: SelectionSetNode }>();
  readonly #costs = new Map<string, Cost>();
  readonly #argumentsOf: (field: FieldNode) => Arguments;
  readonly #introspection: IntrospectionCounter;

  constructor(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Readonly<Record<string, unknown>>,
  ) {
    this.#schema = schema;
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
      const { name, typeCondition, selectionSet } = definition;
      this.#fragments.set(name.value, { type: typeCondition.name.value, set: selectionSet });
    }
    this.#argumentsOf = createArgumentReader(operation, variables);
    this.#introspection = createIntrospectionCounter(
      schema,
      this.#argumentsOf,
      (name) => this.#fragments.get(name)?.set,
    );
  }

  costOf({ selections }: SelectionSetNode, parent: GraphQLCompositeType): Cost {
    return selections.map((selection) => this.#costOfSelection(selection, parent)).reduce(add, NONE);
  }

  #costOfSelection(selection: SelectionNode, parent: GraphQLCompositeType): Cost {
    if (selection.kind === Kind.FIELD) return this.#costOfField(selection, parent);
    if (selection.kind === Kind.FRAGMENT_SPREAD) return this.#costOfFragment(selection.name.value);
    const type = selection.typeCondition?.name.value;
    return this.costOf(selection.selectionSet, type === undefined ? parent : this.#typeOf(type));
  }

  #costOfFragment(name: string): Cost {
    const known = this.#costs.get(name);
    if (known !== undefined) return known;
    const fragment = this.#fragments.get(name);
    const cost = fragment === undefined ? NONE : this.costOf(fragment.set, this.#typeOf(fragment.type));
    this.#costs.set(name, cost);
    return cost;
  }

  #costOfField(node: FieldNode, parent: GraphQLCompositeType): Cost {
    const name = node.name.value;
    const meta = [SchemaMetaFieldDef, TypeMetaFieldDef].find((field) => field.name === name);
    if (meta !== undefined) return { fields: this.#introspection.count(node, meta, undefined), perItem: 0 };
    const field = isUnionType(parent) ? undefined : parent.getFields()[name];
    const type = getNamedType(field?.type);
    if (field === undefined || node.selectionSet === undefined || !isCompositeType(type)) return ONE;
    return add(ONE, this.#costOfValue(node, field, parent, this.costOf(node.selectionSet, type)));
  }

  /** What is below a field: the cost of its object, or of as many objects as its list may have. */
  #costOfValue(
    node: FieldNode,
    field: GraphQLField<unknown, unknown>,
    parent: GraphQLCompositeType,
    below: Cost,
  ): Cost {
    if (isListType(getNullableType(field.type))) {
      if (isConnection(parent) && PAGE_FIELDS.has(field.name)) return { fields: 0, perItem: below.fields };
      return multiply(below, toLength(this.#argumentsOf(node), field));
    }
    if (!field.args.some((argument) => argument.name === 'first')) return below;
    const size = toPageSize(this.#argumentsOf(node));
    return { fields: below.fields + size * below.perItem, perItem: 0 };
  }

  #typeOf(name: string): GraphQLCompositeType {
    return this.#schema.getType(name) as GraphQLCompositeType;
  }
}

/** How many items a list may have that is no page. One without ids and bound has something for each key. */
function toLength({ ids, first }: Arguments, { args }: GraphQLField<unknown, unknown>): number {
  if (ids !== undefined) return lengthOf(ids);
  const bound = args.find(({ name }) => name === 'first');
  return bound === undefined ? MAX_KEYS : toBound(first ?? bound.defaultValue);
}

/** The lists of a connection that are as long as its page. */
const PAGE_FIELDS: ReadonlySet<string> = new Set(['edges', 'nodes']);

function isConnection(type: GraphQLCompositeType): boolean {
  return isObjectType(type) && type.name.endsWith('Connection');
}

function add(one: Cost, other: Cost): Cost {
  return { fields: one.fields + other.fields, perItem: one.perItem + other.perItem };
}

function multiply({ fields, perItem }: Cost, factor: number): Cost {
  return { fields: fields * factor, perItem: perItem * factor };
}
