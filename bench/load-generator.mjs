// Sends the requests of a workload over so many connections, each one after the response to the one before. Its own process:
// each message to it is a run, and is answered with what came of it.
import { Histogram } from './histogram.mjs';
import { LoadConnection } from './load-connection.mjs';
import { loadOf } from './loads.mjs';
import { createRandom, pickIndex } from './random.mjs';

/** An answer that is much shorter or longer than the data say is none. Headers of chunks make it a little longer. */
const isPlausible = (bytes, expected) => bytes > expected * 0.95 && bytes < expected * 1.05 + 100;

async function run({ port, load, connections, durationMs, cover, seed, mayRefuse = false }) {
  const requests = loadOf(load);
  const random = createRandom(seed);
  const histogram = new Histogram();
  const faults = new Map();
  const startedAtMs = performance.now();
  const cpuBefore = process.cpuUsage();
  let sent = 0;
  let faulty = 0;
  let refused = 0;

  /** To cover is to send each request once, in their order. */
  const next = () => requests[cover ? sent++ % requests.length : pickIndex(random, requests.length)];
  const isOver = () => (cover ? sent >= requests.length : performance.now() - startedAtMs >= durationMs);
  const addFault = (text) => {
    faulty += 1;
    faults.set(text, (faults.get(text) ?? 0) + 1);
  };

  const act = () =>
    new Promise((resolve) => {
      let request;
      let sentAtMs;
      const connection = new LoadConnection(port, {
        onResponse(status, bytes) {
          // What is refused is no answer, however quick it is.
          if (mayRefuse && status === 503) refused += 1;
          else histogram.add(performance.now() - sentAtMs);
          if (status !== 200 && !(mayRefuse && status === 503)) addFault(`status ${status}`);
          else if (status === 200 && !isPlausible(bytes, request.length))
            addFault(`${bytes} bytes for ${request.length}`);
          sendNext();
        },
        onError(error) {
          addFault(error.message);
          end();
        },
      });
      const end = () => {
        connection.close();
        resolve();
      };
      const sendNext = () => {
        if (isOver()) return end();
        request = next();
        sentAtMs = performance.now();
        connection.send(request.bytes);
      };
      sendNext();
    });
  await Promise.all(Array.from({ length: connections }, act));

  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    requests: histogram.total + refused,
    refused,
    faulty,
    faults: [...faults],
    elapsedMs: performance.now() - startedAtMs,
    p50Ms: histogram.at(0.5),
    p99Ms: histogram.at(0.99),
    cpuMicros: user + system,
  };
}

process.on('message', async (message) => process.send(await run(message)));
process.on('disconnect', () => process.exit());
