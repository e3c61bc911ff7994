// Compares what a request costs over HTTP/1.1 and over HTTP/2, with undici on one side and Node on the other: sixteen at
// a time, as one key has them. `npm run bench:http2` prints the ratio, which decides that the gateway speaks HTTP/1.1.
import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { Client, H2CClient } from 'undici';
import { listen } from './bench/built-gateway.mjs';

const REQUESTS = 5000;
const AT_ONCE = 16;
const ROUNDS = 5;

const page = JSON.stringify({
  success: true,
  data: Array.from({ length: 50 }, (_, index) => ({
    jobQrn: `a:${index}`,
    metadata: { note: 'x'.repeat(200) },
  })),
});
const answer = (_, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(page);
};

/** Milliseconds of processor time that a request takes, on both sides together. */
async function measure(clients) {
  const before = process.cpuUsage();
  let sent = 0;
  const sendAll = async (_, index) => {
    for (; sent < REQUESTS; ) {
      sent += 1;
      const { body } = await clients[index % clients.length].request({ path: '/', method: 'GET' });
      await body.text();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sendAll));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / REQUESTS;
}

const [one, two] = [await listen(createServer(answer)), await listen(createHttp2Server(answer))];
const connections = Array.from({ length: AT_ONCE }, () => new Client(one));
const streams = [new H2CClient(two, { pipelining: AT_ONCE, maxConcurrentStreams: AT_ONCE })];
// The first round warms up.
const ratios = [];
for (let round = 0; round <= ROUNDS; round += 1) {
  const [http1, http2] = [await measure(connections), await measure(streams)];
  if (round > 0) ratios.push(http2 / http1);
}
const [median] = ratios.sort((a, b) => a - b).slice(ROUNDS >> 1);
console.log(
  `A request over HTTP/2 takes ${median.toFixed(1)} times the processor time of one over HTTP/1.1.`,
);
process.exit(0);
