import { endProcess, nextMessage, startNode } from './child-process.mjs';

/** Starts the upstream. Its `account` says how many requests it got, and its processor time. */
export async function startUpstream(env = {}) {
  const child = startNode(['bench/upstream.mjs'], { cores: 'others', env });
  const url = `http://127.0.0.1:${await nextMessage(child)}`;
  return {
    url,
    account: async () => (await fetch(`${url}/control`)).json(),
    end: () => endProcess(child),
  };
}
