import type { QbraidClient } from '../../src/upstream/qbraid-client.ts';

/** A client that answers on these routes as the test says, without HTTP, and has no others. */
export function scriptedClient(routes: Partial<QbraidClient>): QbraidClient {
  const none = () => Promise.reject(new Error('The client of this test has no such route.'));
  return {
    getJob: none,
    listJobs: none,
    getJobCounts: none,
    getJobResult: none,
    getDevice: none,
    cancelJob: none,
    close: async () => {},
    ...routes,
  };
}
