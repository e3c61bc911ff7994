// Writes the generated files: resolver types from schema.graphql, upstream types from openapi/qbraid.yaml, the pages about
// the environment from src/config/variables.ts, and the live page's script for lists from clients/src/list/.
// With --check it writes nothing and fails if one of them is stale.
import { readFile, writeFile } from 'node:fs/promises';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import * as typescriptResolvers from '@graphql-codegen/typescript-resolvers';
import { buildSchema, parse, printSchema } from 'graphql';
import openapiTs, { astToString } from 'openapi-typescript';
import { configurationPage, exampleEnvironment } from './configuration-texts.mjs';
import { liveListScript } from './live-list-script.mjs';

const notice = (source) => `// Generated from ${source} by \`npm run generate\`: do not edit.\n\n`;

async function resolverTypes(filename) {
  const sdl = await readFile('schema.graphql', 'utf8');
  const code = await codegen({
    filename,
    documents: [],
    schema: parse(printSchema(buildSchema(sdl))),
    plugins: [{ typescript: {} }, { typescriptResolvers: {} }],
    pluginMap: { typescript, typescriptResolvers },
    config: {
      contextType: './graphql-context.ts#GraphQLContext',
      mappers: {
        Job: '../jobs/list-page.ts#JobView',
        JobConnection: '../paging/job-connection.ts#JobConnectionView',
        JobEdge: '../paging/job-connection.ts#JobEdgeView',
        JobSource: '../paging/job-connection.ts#JobSourceView',
        JobCounts: './merge-counts.ts#JobCountsView',
        JobResult: '../upstream/job-result.ts#JobResultData',
        Device: './resolvers/device.ts#DeviceView',
        CancelJobPayload: './resolvers/mutation.ts#CancelJobOutcome',
      },
      scalars: {
        DateTime: { input: 'Date', output: 'Date' },
        JSON: { input: 'unknown', output: 'unknown' },
        JSONObject: { input: 'Record<string, unknown>', output: 'Record<string, unknown>' },
        SafeInt: { input: 'number', output: 'number' },
        ID: { input: 'string', output: 'string' },
      },
      // A field that is forgotten must not compile: at run time it would be null without an error.
      avoidOptionals: { field: true, resolvers: true },
      enumsAsTypes: true,
      useTypeImports: true,
      strictScalars: true,
      skipTypename: true,
      immutableTypes: true,
      resolversNonOptionalTypename: { interfaceImplementingType: false },
      optionalResolveType: true,
    },
  });
  return notice('schema.graphql') + code;
}

async function upstreamTypes() {
  const ast = await openapiTs(new URL('../openapi/qbraid.yaml', import.meta.url));
  return notice('openapi/qbraid.yaml') + astToString(ast);
}

const targets = {
  'src/graphql/schema.generated.ts': resolverTypes,
  'src/upstream/qbraid.generated.ts': upstreamTypes,
  'pages/live-jobs/live-list.generated.js': async () =>
    notice('clients/src/list/') + (await liveListScript()),
  'docs/configuration.md': configurationPage,
  '.env.example': exampleEnvironment,
};

const isCheck = process.argv.includes('--check');
for (const [file, generate] of Object.entries(targets)) {
  const fresh = await generate(file);
  const committed = await readFile(file, 'utf8').catch(() => '');
  if (fresh === committed) continue;
  if (isCheck) {
    console.error(`${file} is stale: run \`npm run generate\` and commit the result.`);
    process.exitCode = 1;
  } else {
    await writeFile(file, fresh);
    console.log(`wrote ${file}`);
  }
}
