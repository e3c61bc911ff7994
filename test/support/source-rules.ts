import { posix } from 'node:path';
import ts from 'typescript';
import type { SourceTree } from './import-graph.ts';

/** Names barrel files: those called index, and those that do nothing but re-export. */
export function findBarrels(tree: SourceTree): string[] {
  return parse(tree)
    .filter(({ path, source }) => posix.basename(path) === 'index.ts' || source.statements.every(isReExport))
    .map(({ path }) => `${path} is a barrel`);
}

/** Names files and folders whose name says nothing about what is in them. */
export function findVagueNames(tree: SourceTree): string[] {
  const vague = /^(utils?|helpers?|common)$/;
  return Object.keys(tree)
    .filter((path) => path.split(/[/.-]/).some((word) => vague.test(word)))
    .map((path) => `${path} has a vague name`);
}

/** Names module-level `let` and `var`, which are state that all requests share. */
export function findModuleLevelLets(tree: SourceTree): string[] {
  return parse(tree).flatMap(({ path, source }) =>
    source.statements
      .filter(ts.isVariableStatement)
      .filter(({ declarationList }) => !isConst(declarationList))
      .map((statement) => `${path}: ${statement.getText(source)}`),
  );
}

/**
 * Names module-level constants whose content their file changes: tables that any request may fill, and lists. A `WeakMap` is
 * none: what it holds of an object goes with that object. Nor is what `launch.ts` compiles, before there is a request.
 */
export function findModuleLevelTables(tree: SourceTree): string[] {
  return parse(tree)
    .filter(({ path }) => path !== 'launch.ts')
    .flatMap(({ path, source }) => {
      const changed = changedNames(source);
      return source.statements
        .filter(ts.isVariableStatement)
        .filter(({ declarationList }) => isConst(declarationList))
        .flatMap(({ declarationList }) => [...declarationList.declarations])
        .filter(({ name, initializer }) => isTable(initializer) && changed.has(name.getText()))
        .map(({ name }) => `${path} changes ${name.getText()}`);
    });
}

/** Names uses of Node's `process`, as a global or as a module, in files other than `main.ts` and `launch.ts`. */
export function findProcessUses(tree: SourceTree): string[] {
  return parse(tree)
    .filter(({ path, source }) => !['main.ts', 'launch.ts'].includes(path) && usesProcess(source))
    .map(({ path }) => `${path} uses process`);
}

/** Names folders, and rooms in them, whose README.md is missing, empty or over ten lines long. */
export function findReadmeFaults(tree: SourceTree): string[] {
  const folders = new Set(Object.keys(tree).map((path) => posix.dirname(path)));
  folders.delete('.');
  return [...folders].flatMap((folder) => {
    const readme = tree[`${folder}/README.md`]?.trim() ?? '';
    if (readme === '') return [`${folder}/ has no README.md`];
    const lines = readme.split('\n').length;
    return lines > 10 ? [`${folder}/README.md has ${lines} lines`] : [];
  });
}

/** What was parsed of each tree: several rules ask about the same one. */
const parsed = new WeakMap<SourceTree, readonly ParsedFile[]>();

interface ParsedFile {
  readonly path: string;
  readonly source: ts.SourceFile;
}

function parse(tree: SourceTree): readonly ParsedFile[] {
  const files = parsed.get(tree) ?? parseFiles(tree);
  parsed.set(tree, files);
  return files;
}

function parseFiles(tree: SourceTree): ParsedFile[] {
  return Object.entries(tree)
    .filter(([path]) => path.endsWith('.ts'))
    .map(([path, text]) => ({
      path,
      source: ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true),
    }));
}

function isConst({ flags }: ts.VariableDeclarationList): boolean {
  return (flags & ts.NodeFlags.Const) !== 0;
}

function isTable(made: ts.Expression | undefined): boolean {
  if (made === undefined) return false;
  if (ts.isNewExpression(made)) return !made.expression.getText().startsWith('Weak');
  return ts.isArrayLiteralExpression(made) || ts.isObjectLiteralExpression(made);
}

/** The methods that change a map, a set, a cache or a list. */
const CHANGES = /^(set|add|delete|clear|push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin)$/;

/** The names whose content some code changes: by a method, by an assignment to a part, or by its removal. */
function changedNames(source: ts.SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const changed = changedBy(node);
    if (changed !== null && isAccess(changed)) names.add(changed.expression.getText());
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

/** The part that a node changes: `KNOWN.set` for a call of it, `KNOWN[name]` for an assignment to it. */
function changedBy(node: ts.Node): ts.Expression | null {
  if (ts.isCallExpression(node)) {
    const { expression } = node;
    return ts.isPropertyAccessExpression(expression) && CHANGES.test(expression.name.text)
      ? expression
      : null;
  }
  if (ts.isBinaryExpression(node)) return isAssignment(node.operatorToken.kind) ? node.left : null;
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
    return COUNTING.has(node.operator) ? node.operand : null;
  }
  return ts.isDeleteExpression(node) ? node.expression : null;
}

const COUNTING: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.PlusPlusToken,
  ts.SyntaxKind.MinusMinusToken,
]);

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

function isAccess(node: ts.Node): node is ts.PropertyAccessExpression | ts.ElementAccessExpression {
  return ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node);
}

function isReExport(statement: ts.Statement): boolean {
  return ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined;
}

function usesProcess(node: ts.Node): boolean {
  if (ts.isStringLiteral(node) && node.text === 'node:process') return true;
  if (ts.isIdentifier(node) && node.text === 'process' && !isMemberName(node)) return true;
  return ts.forEachChild(node, usesProcess) ?? false;
}

/** Tells `job.process` and `{ process: 1 }` from the global, and `globalThis.process` from both. */
function isMemberName(name: ts.Identifier): boolean {
  const { parent } = name;
  if (ts.isPropertyAccessExpression(parent)) {
    return parent.name === name && parent.expression.getText() !== 'globalThis';
  }
  const isMember = ts.isPropertyAssignment(parent) || ts.isClassElement(parent) || ts.isTypeElement(parent);
  return isMember && parent.name === name;
}
