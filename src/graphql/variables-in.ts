import { type DocumentNode, Kind, visit } from 'graphql';

/** A part of a document that holds values. */
interface Holder {
  readonly name: { readonly value: string };
}

/** Lists the variables that stand in the parts of a document of one kind, or in those of them that `isMeant` picks. */
export function variablesIn(
  document: DocumentNode,
  kind: typeof Kind.ARGUMENT | typeof Kind.DIRECTIVE,
  isMeant: (holder: Holder) => boolean = () => true,
): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    enter(node) {
      if (node.kind !== kind || !('name' in node) || !isMeant(node as Holder)) return;
      visit(node, { [Kind.VARIABLE]: ({ name }) => void names.add(name.value) });
    },
  });
  return [...names];
}
