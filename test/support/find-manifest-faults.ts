import ts from 'typescript';

/** A parsed manifest of Kubernetes. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
}

/** A file that only the compiler sees, beside this one, so that it finds the types. */
const FILE = new URL('manifests.virtual.ts', import.meta.url).pathname;

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  // The manifests need no more of the language, and it takes most of the time.
  lib: ['lib.es5.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
};

/**
 * Says where manifests have a field that their kind does not know, lack one that it needs, or have one of another type: the
 * compiler holds them against the types of Kubernetes, as literals.
 */
export function findManifestFaults(manifests: Readonly<Record<string, Manifest>>): string[] {
  const entries = Object.entries(manifests);
  const source = entries.map(([, manifest], index) => toConstant(manifest, index)).join('\n');
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (path) => path === FILE || fileExists(path);
  host.getSourceFile = (path, target) =>
    path === FILE ? ts.createSourceFile(path, source, target) : getSourceFile(path, target);
  const program = ts.createProgram([FILE], OPTIONS, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file?.getLineAndCharacterOfPosition(start).line ?? 0;
    const name = entries[line]?.[0] ?? file?.fileName;
    return `${name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

/** One line, so that a fault is told by its line. */
function toConstant(manifest: Manifest, index: number): string {
  const [version, group = 'core'] = manifest.apiVersion.split('/').reverse();
  const types = `kubernetes-types/${group.replace(/\.k8s\.io$/, '')}/${version}`;
  return `export const manifest${index}: import('${types}').${manifest.kind} = ${JSON.stringify(manifest)};`;
}
