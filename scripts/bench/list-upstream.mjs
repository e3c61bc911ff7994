import { createServer } from 'node:http';
import { listen } from './built-gateway.mjs';

/**
 * The qBraid API with one list of so many jobs.
 *
 * @param queuePositionOf gives that of a job by its number, and by how many requests came until now: what changes shows in it.
 */
export async function startListUpstream(jobs, queuePositionOf) {
  let requests = 0;
  const server = createServer(({ url }, response) => {
    requests += 1;
    const { pathname, searchParams } = new URL(url, 'http://upstream');
    response.setHeader('content-type', 'application/json');
    const body =
      pathname === '/jobs'
        ? toPage(searchParams)
        : { success: true, data: toJob(Number(pathname.split(/%3A|:/i).at(-1))) };
    response.end(JSON.stringify(body));
  });
  function toPage(params) {
    const page = Number(params.get('page'));
    const limit = Number(params.get('limit'));
    const numbers = Array.from({ length: jobs }, (_, index) => index).slice((page - 1) * limit, page * limit);
    return { success: true, data: numbers.map(toJob), pagination: { page, limit, total: jobs } };
  }
  function toJob(number) {
    return {
      jobQrn: `qbraid:job:${number}`,
      name: 'Bell pair',
      shots: 1000,
      deviceQrn: 'qbraid:qbraid:sim:qir-sv',
      vendor: 'qbraid',
      provider: 'qbraid',
      status: 'QUEUED',
      experimentType: 'gate_model',
      queuePosition: queuePositionOf(number, requests),
      tags: { owner: 'somebody', project: 'bench' },
      timeStamps: { createdAt: new Date(Date.UTC(2026, 0, 14) - number * 1000).toISOString() },
    };
  }
  return {
    url: await listen(server),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
