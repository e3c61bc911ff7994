import type { ReadScope } from './read-scope.ts';
import type { StoreEventKind, StoreObserver } from './store-event.ts';

/** Tells what became of a request of some operation: `durationMs` is 0 unless it landed or failed. @default 0 */
export type Tell = (kind: StoreEventKind, scope: ReadScope, durationMs?: number) => void;

/** Makes what tells the observers of the store and of the operation about a resource: nothing where only the cache is asked. */
export function tellObservers(resource: string, observe: StoreObserver): Tell {
  return (kind, scope, durationMs = 0) => {
    if (scope.onlyIfCached) return;
    const event = { kind, resource, durationMs };
    observe(event);
    scope.observe?.(event);
  };
}
