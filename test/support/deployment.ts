import type { Config } from '../../src/config/config.ts';
import type { Environment } from '../../src/config/environment.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { variables } from '../../src/config/variables.ts';
import { findEffective, parseDockerfile } from './dockerfile.ts';

/** The files that say how the gateway is deployed, by their paths, with their texts. */
export type Files = Readonly<Record<string, string>>;

/** A statement that should hold, and what is to be said where it does not. */
export type Check = readonly [holds: boolean, fault: string];

/** What a process takes beside its caches: docs/operations.md says the same. */
const MEMORY_BESIDE_CACHES = 256_000_000;

/** What is to be said of all that does not hold. */
export const faultsOf = (checks: readonly Check[]) =>
  checks.filter(([holds]) => !holds).map(([, fault]) => fault);

/** Says which of these are no variables of the gateway. */
export function findUnknown(names: readonly string[]): string[] {
  return names
    .filter((name) => !Object.hasOwn(variables.shape, name))
    .map((name) => `there is no variable ${name}`);
}

/** The configuration that an environment makes, or what is wrong with it. */
export function tryConfig(environment: Environment): { config: Config | null; faults: string[] } {
  try {
    return { config: parseConfig(environment), faults: [] };
  } catch (error) {
    return {
      config: null,
      faults: String(error)
        .split('\n')
        .slice(1)
        .map((line) => line.trim()),
    };
  }
}

/** What the image sets: `ENV A=b C=d`. */
export function imageEnvironmentOf(files: Files): Environment {
  const value = findEffective(parseDockerfile(files['Dockerfile'] ?? ''), 'ENV')?.value ?? '';
  return Object.fromEntries(value.split(' ').map((pair) => pair.split('=')));
}

/** How much memory a process may need, in bytes. */
export const memoryOf = ({ store }: Config) => 2 * store.maxBytes + MEMORY_BESIDE_CACHES;

/** Reads sizes as compose, nginx and Kubernetes write them: `512M`, `16k`, `512Mi`. */
export function bytesOf(text: string): number {
  const [, number, unit = ''] = /^(\d+)([kKM]?)i?$/.exec(text) ?? [];
  return Number(number) * ({ k: 1024, K: 1024, M: 1024 ** 2 }[unit] ?? 1);
}
