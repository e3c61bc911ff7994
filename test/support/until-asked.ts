import type { ScriptedUpstream } from './scripted-upstream.ts';

/** Resolves once upstream was asked so often with a key from now on: with how often it was with another meanwhile. */
export async function untilAsked(
  upstream: ScriptedUpstream,
  key: string,
  times: number,
  other: string,
): Promise<number> {
  const begin = upstream.requests.length;
  const count = (wanted: string) =>
    upstream.requests.slice(begin).filter((each) => each.key === wanted).length;
  while (count(key) < times) await upstream.received(upstream.requests.length + 1);
  return count(other);
}
