import type { CodegenConfig } from '@graphql-codegen/cli';
import { scalars } from 'qbraid-graphql-clients/codegen';

/** Types for the documents in `src/`. In an app of your own, `schema` is the address of your gateway, or a copy of the file. */
const config: CodegenConfig = {
  schema: '../../schema.graphql',
  documents: 'src/**/*.tsx',
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: { scalars, strictScalars: true, enumsAsTypes: true, useTypeImports: true },
    },
  },
};

export default config;
