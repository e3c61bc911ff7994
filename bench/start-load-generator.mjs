import { endProcess, nextMessage, startNode } from './child-process.mjs';

/** Starts the load generator. Each `run` is of a load, and gives what came of it. */
export function startLoadGenerator() {
  const child = startNode(['bench/load-generator.mjs'], { cores: 'others' });
  return {
    run(message) {
      child.send(message);
      return nextMessage(child);
    },
    end: () => endProcess(child),
  };
}
