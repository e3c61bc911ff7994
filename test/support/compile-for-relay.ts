import type { ConcreteRequest, ReaderFragment } from 'relay-runtime';
import { runRelayCompiler } from './run-relay-compiler.ts';

/** What Relay is given in place of the documents that were compiled. */
export interface RelayArtifacts {
  request(name: string): ConcreteRequest;
  fragment(name: string): ReaderFragment;
}

/** Compiles documents of one component, whose name all of theirs begin with. Throws what the compiler complains about. */
export async function compileForRelay(component: string, documents: string): Promise<RelayArtifacts> {
  const { exitCode, output, artifacts } = await runRelayCompiler(
    { [component]: documents },
    { language: 'javascript', eagerEsModules: false },
  );
  if (exitCode !== 0) throw new Error(`relay-compiler must take the documents, got:\n${output}`);
  const loaded = new Map<string, unknown>();

  /** Artifacts are CommonJS modules, which require others beside them: `./Name.graphql`. */
  function load(path: string): unknown {
    if (!loaded.has(path)) {
      const module = { exports: {} };
      const text = artifacts.get(`${path.slice('./'.length)}.js`);
      if (text === undefined) throw new Error(`${path} must be an artifact, but there is none.`);
      new Function('module', 'require', text)(module, load);
      loaded.set(path, module.exports);
    }
    return loaded.get(path);
  }

  return {
    request: (name) => load(`./${name}.graphql`) as ConcreteRequest,
    fragment: (name) => load(`./${name}.graphql`) as ReaderFragment,
  };
}
