// Builds the program as `rolldown.config.ts` says. The command line of Rolldown would also print the size of each file, in front
// of what somebody starts the program for. Warnings and errors are shown.
import { build } from 'rolldown';
import { loadConfig } from 'rolldown/config';

await build(await loadConfig('rolldown.config.ts'));
