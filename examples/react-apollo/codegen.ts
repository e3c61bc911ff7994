import type { CodegenConfig } from '@graphql-codegen/cli';

/** Types for the documents in `src/`, made from the schema of the gateway. In your own app it can be the gateway's address. */
const config: CodegenConfig = {
  schema: '../../schema.graphql',
  documents: 'src/**/*.tsx',
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        scalars: {
          DateTime: 'string',
          SafeInt: 'number',
          JSON: 'unknown',
          JSONObject: 'Record<string, unknown>',
        },
      },
    },
  },
};

export default config;
