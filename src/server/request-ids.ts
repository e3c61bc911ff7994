import { AsyncLocalStorage } from 'node:async_hooks';

/** The id of the HTTP request that is being served: whatever happens on its behalf can be told by it. */
export const requestIds = new AsyncLocalStorage<string>();
