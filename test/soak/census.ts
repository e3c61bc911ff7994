import type { Program } from '../support/run-program.ts';

/** What is alive in a program, after its garbage is collected. */
export interface Census {
  readonly timers: number;
  readonly sockets: number;
  readonly heapBytes: number;
}

/** At each SIGUSR2, prints the number of the census and what it counts. `queryObjects` collects the garbage. */
const TAKER = `
  import { Socket } from 'node:net';
  import { queryObjects } from 'node:v8';
  const timer = setTimeout(() => {});
  clearTimeout(timer);
  const count = (kind) => queryObjects(kind, { format: 'count' });
  let number = 0;
  process.on('SIGUSR2', () => {
    const census = { timers: count(timer.constructor), sockets: count(Socket), heapBytes: process.memoryUsage().heapUsed };
    console.log('census', ++number, JSON.stringify(census));
  });`;

/** The `NODE_OPTIONS` of a program whose census is taken. */
export const CENSUS_OPTIONS = `--disable-warning=ExperimentalWarning --import=data:text/javascript,${encodeURIComponent(TAKER)}`;

/** Gives what takes one census of a program after the other. It must run with `CENSUS_OPTIONS`. */
export function createCensusTaker(program: Program): () => Promise<Census> {
  let number = 0;
  return async () => {
    number += 1;
    program.signal('SIGUSR2');
    const [, census = ''] = await program.printed(new RegExp(`^census ${number} (.*)$`, 'm'));
    return JSON.parse(census);
  };
}
