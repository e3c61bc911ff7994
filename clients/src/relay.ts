export { createFetch } from './relay/create-fetch.ts';
export { createSubscribe, type RelaySseOptions } from './relay/create-subscribe.ts';
export { handlerProvider } from './relay/handler-provider.ts';
export type { SseOptions } from './streams/subscribe-by-sse.ts';
