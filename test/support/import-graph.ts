import { posix } from 'node:path';
import ts from 'typescript';

/** The files of a source folder: path relative to it, with `/`, to text. */
export type SourceTree = Readonly<Record<string, string>>;

/** One file's import of another, both relative to the source folder. Re-exports and `import()` count as imports. */
export interface Import {
  readonly from: string;
  readonly to: string;
  /** True if the emitted JavaScript does not import the file. */
  readonly typeOnly: boolean;
}

/**
 * What each layer may import besides itself. A layer is a folder (`lib/`), a room in one (`store/cache/`), or a file
 * beside the folders (`main.ts`). A file belongs to the layer with the longest name that its path begins with.
 * `lib/ (types)` allows type-only imports.
 */
export type LayerTable = Readonly<Record<string, readonly string[]>>;

/** What was read of each tree: several rules ask about the same one. */
const known = new WeakMap<SourceTree, readonly Import[]>();

/** Lists the imports between files of the tree; packages are left out. */
export function readImports(tree: SourceTree): readonly Import[] {
  const imports = known.get(tree) ?? importsIn(tree);
  known.set(tree, imports);
  return imports;
}

function importsIn(tree: SourceTree): Import[] {
  return Object.entries(tree)
    .filter(([from]) => from.endsWith('.ts'))
    .flatMap(([from, text]) =>
      [...relativeSpecifiers(text)].map(([specifier, typeOnly]) => ({
        from,
        to: posix.join(posix.dirname(from), specifier),
        typeOnly,
      })),
    );
}

/** Names every import that the table does not allow, and every file that belongs to no layer of the table. */
export function findForbiddenImports(tree: SourceTree, table: LayerTable): string[] {
  const strays = Object.keys(tree)
    .filter((path) => path.endsWith('.ts') && layerOf(path, table) === null)
    .map((path) => `${path} is in no layer`);
  const arrows = readImports(tree)
    .filter((arrow) => !isAllowed(arrow, table))
    .map(({ from, to, typeOnly }) => `${from} may not import ${typeOnly ? 'types from ' : ''}${to}`);
  return [...strays, ...arrows];
}

/**
 * Names circles of imports, type-only ones included: at least one for every set of files that import each other.
 * Type-only imports made by generated files do not count: resolver types must name the types they map to, whose
 * files in turn use the resolver types.
 */
export function findCircles(tree: SourceTree): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to, typeOnly } of readImports(tree)) {
    if (typeOnly && from.endsWith('.generated.ts')) continue;
    targets.set(from, [...(targets.get(from) ?? []), to]);
  }
  return circlesOf(targets);
}

/** Names circles of layers, in the same way: what the table allows, imports may do. */
export function findLayerCircles(table: LayerTable): string[] {
  const rows = Object.entries(table).map(([layer, allowed]): [string, string[]] => [
    layer,
    allowed.map((name) => name.replace(' (types)', '')),
  ]);
  return circlesOf(new Map(rows));
}

function circlesOf(targets: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]) => {
    const start = trail.indexOf(name);
    if (start !== -1) circles.push([...trail.slice(start), name].join(' → '));
    if (start !== -1 || done.has(name)) return;
    for (const target of targets.get(name) ?? []) visit(target, [...trail, name]);
    done.add(name);
  };
  for (const name of targets.keys()) visit(name, []);
  return circles;
}

function isAllowed({ from, to, typeOnly }: Import, table: LayerTable): boolean {
  const [source, target] = [layerOf(from, table), layerOf(to, table)];
  // A file in no layer is named as such. What lies outside of the source is in no layer either.
  if (source === null || target === null) return source === null;
  const allowed = table[source] ?? [];
  return source === target || allowed.includes(target) || (typeOnly && allowed.includes(`${target} (types)`));
}

function layerOf(path: string, table: LayerTable): string | null {
  const layers = Object.keys(table).filter((layer) => path.startsWith(layer));
  return layers.sort((a, b) => b.length - a.length)[0] ?? null;
}

/** The relative paths that a file imports, and whether each import of a path is type-only. */
function relativeSpecifiers(text: string): Map<string, boolean> {
  const specifiers = new Map<string, boolean>();
  const visit = (node: ts.Node) => {
    const [name, typeOnly = false] = importOf(node);
    if (name !== undefined && ts.isStringLiteral(name) && name.text.startsWith('.')) {
      specifiers.set(name.text, typeOnly && specifiers.get(name.text) !== false);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('a.ts', text, ts.ScriptTarget.ESNext));
  return specifiers;
}

/** What a node imports, and whether the emitted JavaScript is without it. `verbatimModuleSyntax` emits all the rest. */
function importOf(node: ts.Node): [name?: ts.Node | undefined, typeOnly?: boolean] {
  if (ts.isImportDeclaration(node)) return [node.moduleSpecifier, node.importClause?.isTypeOnly ?? false];
  if (ts.isExportDeclaration(node)) return [node.moduleSpecifier, node.isTypeOnly];
  if (ts.isImportTypeNode(node))
    return [ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true];
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return [node.arguments[0], false];
  }
  return [];
}
