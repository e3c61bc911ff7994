/** Names a client by the fingerprints of its keys, in any order: null where it sent none. */
export function toClientName(fingerprints: readonly string[]): string | null {
  return fingerprints.length === 0 ? null : fingerprints.toSorted().join();
}
