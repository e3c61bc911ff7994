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
      .filter(({ declarationList }) => (declarationList.flags & ts.NodeFlags.Const) === 0)
      .map((statement) => `${path}: ${statement.getText(source)}`),
  );
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
