export { createSseLink } from './apollo/create-sse-link.ts';
export { typePolicies } from './apollo/type-policies.ts';
export { possibleTypes } from './codegen.ts';
export type { SseOptions } from './streams/subscribe-by-sse.ts';
