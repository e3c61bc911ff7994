import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const schema = new URL('../../schema.graphql', import.meta.url);
const require = createRequire(import.meta.url);
/** The path of the program that `npx relay-compiler` runs. */
const compiler: string = require('relay-compiler');

/** What TypeScript calls the values of the schema's own scalars. */
export const relayScalars = {
  DateTime: 'string',
  JSON: 'unknown',
  JSONObject: 'Record<string, unknown>',
  SafeInt: 'number',
};

/** What is other than usual in `relay.config.json`. */
export interface RelayConfig {
  /** @default 'typescript' */
  readonly language?: 'javascript';
  /** Whether artifacts are ES modules. @default true */
  readonly eagerEsModules?: boolean;
  /** @default relayScalars */
  readonly customScalarTypes?: object;
}

/** What became of a project. */
export interface RelayProject {
  readonly exitCode: unknown;
  readonly output: string;
  /** The text of each artifact, by the name of its file. */
  readonly artifacts: ReadonlyMap<string, string>;
}

/** Compiles a project of these components, each one GraphQL document, in a folder that is gone afterwards. */
export async function runRelayCompiler(
  documents: Readonly<Record<string, string>>,
  config: RelayConfig = {},
): Promise<RelayProject> {
  const extension = config.language === 'javascript' ? 'js' : 'ts';
  const folder = await mkdtemp(join(tmpdir(), 'relay-'));
  try {
    await mkdir(join(folder, 'src'));
    await mkdir(join(folder, 'artifacts'));
    await copyFile(schema, join(folder, 'schema.graphql'));
    await writeFile(join(folder, 'relay.config.json'), JSON.stringify({ ...CONFIG, ...config }));
    for (const [name, document] of Object.entries(documents)) {
      const component = `import { graphql } from 'react-relay';\nexport const document = graphql\`${document}\`;\n`;
      await writeFile(join(folder, 'src', `${name}.${extension}`), component);
    }
    const result = await execute(compiler, ['relay.config.json'], folder);
    const artifacts = new Map<string, string>();
    for (const name of (await readdir(join(folder, 'artifacts'))).sort()) {
      artifacts.set(name, await readFile(join(folder, 'artifacts', name), 'utf8'));
    }
    return { ...result, artifacts };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const CONFIG = {
  src: './src',
  schema: './schema.graphql',
  language: 'typescript',
  artifactDirectory: './artifacts',
  requireCustomScalarTypes: true,
  customScalarTypes: relayScalars,
};

/** Runs a program to its end, however it ends. */
function execute(program: string, args: readonly string[], cwd: string) {
  return new Promise<Pick<RelayProject, 'exitCode' | 'output'>>((resolve) => {
    const child = execFile(program, args, { cwd }, (_, stdout, stderr) =>
      resolve({ exitCode: child.exitCode, output: stdout + stderr }),
    );
  });
}
