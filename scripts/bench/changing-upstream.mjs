import { createServer } from 'node:http';
import { setInterval } from 'node:timers';
import { listen } from './built-gateway.mjs';

/** The qBraid API with one list of so many jobs, all of which may change at each interval. Their `queuePosition` counts the changes. */
export async function startChangingUpstream(jobs, intervalMs) {
  let version = 0;
  /** When each version began, by `performance.now`. */
  const beganAtMs = [performance.now()];
  const server = createServer(({ url }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://upstream');
    response.setHeader('content-type', 'application/json');
    const body =
      pathname === '/jobs'
        ? toPage(searchParams)
        : { success: true, data: toJob(Number(pathname.split(/%3A|:/i).at(-1))) };
    response.end(JSON.stringify(body));
  });
  let timer;
  const change = () => {
    version += 1;
    beganAtMs.push(performance.now());
  };
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
      queuePosition: version,
      tags: { owner: 'somebody', project: 'bench' },
      timeStamps: { createdAt: new Date(Date.UTC(2026, 0, 14) - number * 1000).toISOString() },
    };
  }
  return {
    url: await listen(server),
    beganAtMs,
    get version() {
      return version;
    },
    /** From now on all jobs change at each interval. */
    start() {
      timer = setInterval(change, intervalMs);
    },
    /** No job changes any more. */
    stop: () => clearInterval(timer),
    close() {
      clearInterval(timer);
      server.close();
      server.closeAllConnections();
    },
  };
}
