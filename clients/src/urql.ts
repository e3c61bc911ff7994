export type { SseOptions } from './streams/subscribe-by-sse.ts';
export { createCacheOptions } from './urql/create-cache-options.ts';
export { createSseExchange } from './urql/create-sse-exchange.ts';
