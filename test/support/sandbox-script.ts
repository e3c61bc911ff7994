import { createSandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import type { UpstreamScript } from './scripted-upstream.ts';

/** Answers as the sandbox does, with a clock and options of the test's own. */
export function sandboxScript(options: SandboxOptions): UpstreamScript {
  const sandbox = createSandbox(options);
  return ({ path, key }) => {
    const { status, headers, body } = sandbox.handle({
      method: 'GET',
      path,
      headers: key === undefined ? {} : { 'x-api-key': key },
    });
    return { status, headers, body };
  };
}
