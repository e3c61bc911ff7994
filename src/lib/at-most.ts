/**
 * The options with which an `LRUCache` keeps so many entries, and forgets the least recently used first. With `max` instead,
 * lru-cache allocates for all of them at once.
 */
export function atMost(entries: number) {
  return { maxSize: entries, sizeCalculation: () => 1 };
}
