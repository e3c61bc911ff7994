import { DefaultHandlerProvider, type EnvironmentConfig } from 'relay-runtime';
import { jobsHandler } from './jobs-handler.ts';

/**
 * The handlers of Relay, of which that of `@connection` keeps lists of jobs as this package does: `new Environment({
 * network, store, handlerProvider })`. All other connections are Relay's own.
 */
export const handlerProvider: NonNullable<EnvironmentConfig['handlerProvider']> = (handle) =>
  handle === 'connection' ? jobsHandler : DefaultHandlerProvider(handle);
