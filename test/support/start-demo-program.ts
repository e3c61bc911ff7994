import { type Program, startProgram } from './run-program.ts';

/** A demo that runs, and what it prints for the person who started it. */
export interface DemoProgram {
  readonly program: Program;
  /** The address of the playground. */
  readonly playground: string;
  /** The address of the live page. */
  readonly livePage: string;
  /** The keys of the sandbox: that of alice comes first. */
  readonly keys: { readonly alice: string; readonly bob: string };
}

/** Starts the built demo, whose jobs are polled often. Whoever starts it ends it. */
export async function startDemoProgram(): Promise<DemoProgram> {
  const program = startProgram(['demo'], { PORT: '0', SANDBOX_PORT: '0', WATCH_MIN_INTERVAL_MS: '200' });
  const find = async (pattern: RegExp) => (await program.printed(pattern))[1] ?? '';
  return {
    program,
    playground: await find(/playground: +(\S+)/),
    livePage: await find(/jobs move: +(\S+)/),
    keys: { alice: await find(/^ +alice +(\S+)$/m), bob: await find(/^ +bob +(\S+)$/m) },
  };
}
