import {
  type ASTNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** How large the parts of a document are. */
export interface DocumentMeasures {
  /** How deep its fields are nested, through fragments. */
  readonly depth: number;
  /** How many fragments are nested within each other, over all levels of fields. */
  readonly nestedFragments: number;
  /** How many fields have an alias, each counted where it is written. */
  readonly aliases: number;
  /** How many directives are written anywhere. */
  readonly directives: number;
  /** How many fields an operation has at its root, as if each fragment was written out: of the largest one. */
  readonly rootFields: number;
}

/** What matters of a selection set to the one around it. */
type Shape = Pick<DocumentMeasures, 'depth' | 'nestedFragments' | 'rootFields'>;

const EMPTY: Shape = { depth: 0, nestedFragments: 0, rootFields: 0 };

/** Measures a document that may be invalid. Looks at each part of it once, however often a fragment is spread. */
export function measureDocument(document: DocumentNode): DocumentMeasures {
  const fragments = new Map(document.definitions.filter(isFragment).map((node) => [node.name.value, node]));
  const shapes = new Map<string, Shape>();
  let aliases = 0;
  let directives = 0;

  function shapeOf({ selections }: SelectionSetNode): Shape {
    return selections.map(shapeOfSelection).reduce(combine, EMPTY);
  }

  function shapeOfSelection(selection: SelectionNode): Shape {
    directives += countDirectives(selection);
    if (selection.kind === Kind.FIELD) {
      if (selection.alias !== undefined) aliases += 1;
      const { depth, nestedFragments } = selection.selectionSet ? shapeOf(selection.selectionSet) : EMPTY;
      return { depth: depth + 1, nestedFragments, rootFields: 1 };
    }
    const shape =
      selection.kind === Kind.FRAGMENT_SPREAD
        ? shapeOfFragment(selection.name.value)
        : shapeOf(selection.selectionSet);
    return { ...shape, nestedFragments: shape.nestedFragments + 1 };
  }

  function shapeOfFragment(name: string): Shape {
    const known = shapes.get(name);
    if (known !== undefined) return known;
    // A fragment that leads back to itself ends there; validation refuses it.
    shapes.set(name, EMPTY);
    const fragment = fragments.get(name);
    if (fragment === undefined) return EMPTY;
    directives += countDirectives(fragment);
    const shape = shapeOf(fragment.selectionSet);
    shapes.set(name, shape);
    return shape;
  }

  const operations = document.definitions.filter(isOperation).map((operation) => {
    directives += countDirectives(operation);
    for (const variable of operation.variableDefinitions ?? []) directives += countDirectives(variable);
    return shapeOf(operation.selectionSet);
  });
  // Fragments that nobody spreads are validated, too.
  const all = [...operations, ...[...fragments.keys()].map(shapeOfFragment)];
  return {
    depth: Math.max(0, ...all.map(({ depth }) => depth)),
    nestedFragments: Math.max(0, ...all.map(({ nestedFragments }) => nestedFragments)),
    aliases,
    directives,
    rootFields: Math.max(0, ...operations.map(({ rootFields }) => rootFields)),
  };
}

function combine(one: Shape, other: Shape): Shape {
  return {
    depth: Math.max(one.depth, other.depth),
    nestedFragments: Math.max(one.nestedFragments, other.nestedFragments),
    rootFields: one.rootFields + other.rootFields,
  };
}

function countDirectives({ directives }: { readonly directives?: readonly ASTNode[] | undefined }): number {
  return directives?.length ?? 0;
}

function isFragment(node: ASTNode): node is FragmentDefinitionNode {
  return node.kind === Kind.FRAGMENT_DEFINITION;
}

function isOperation(node: ASTNode): node is OperationDefinitionNode {
  return node.kind === Kind.OPERATION_DEFINITION;
}
