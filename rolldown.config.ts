import type { BuildOptions } from 'rolldown';

// One file for each part that is loaded at once: to find and read a thousand files of the packages takes a process
// longer than all else that it does to start.
export default {
  input: 'src/main.ts',
  platform: 'node',
  output: {
    dir: 'dist',
    cleanDir: true,
    // As deep as the files of `src/`, which look for `schema.graphql` and the examples two folders up.
    chunkFileNames: 'chunks/[name].js',
    sourcemap: true,
  },
} satisfies BuildOptions;
