import { build } from 'rolldown';
import config from '../../rolldown.config.ts';

/** Builds the program as `npm run build` does, once for all tests that run it. */
export async function setup(): Promise<void> {
  await build(config);
}
