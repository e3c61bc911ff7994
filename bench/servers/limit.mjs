// What no gateway over this HTTP client can go below without a cache: it is told which requests a workload needs, sends them
// at once, and hands the bodies on as they came. It parses nothing and checks nothing.
import { createServer } from 'node:http';
import { Pool } from 'undici';
import { ADDRESS, UPSTREAM_CONNECTIONS, UPSTREAM_URL } from './environment.mjs';

const pool = new Pool(UPSTREAM_URL, { connections: UPSTREAM_CONNECTIONS });
const LIST = '/jobs?page=1&limit=50';

/** The upstream requests of each workload. */
const PATHS = {
  '/w1': toJobPaths,
  '/w2': () => [LIST],
  '/w3': toJobPaths,
  '/w4': (qrns) => [LIST, ...toJobPaths(qrns)],
  '/w5': toJobPaths,
};

function toJobPaths(qrns) {
  return qrns.map((qrn) => `/jobs/${qrn}`);
}

/** `dispatch` costs less than `request`, which makes a stream of each body. */
function read(path, key) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    pool.dispatch(
      { path, method: 'GET', headers: { 'x-api-key': key } },
      {
        onRequestStart() {},
        onResponseStart(_, statusCode) {
          if (statusCode !== 200) throw new Error(`upstream answered ${statusCode}`);
        },
        onResponseData: (_, chunk) => chunks.push(chunk),
        onResponseEnd: () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)),
        onResponseError: (_, error) => reject(error),
      },
    );
  });
}

const [OPEN, COMMA, CLOSE] = ['[', ',', ']'].map((text) => Buffer.from(text));

const server = createServer(async ({ url, headers }, response) => {
  const [workload, query = ''] = url.split('?');
  // The names stay encoded, as upstream wants them.
  const qrns = query === '' ? [] : query.split('&').map((part) => part.slice('qrn='.length));
  const key = headers['x-api-key'];
  try {
    const bodies = await Promise.all(PATHS[workload](qrns).map((path) => read(path, key)));
    const parts = bodies.flatMap((body, index) => [index === 0 ? OPEN : COMMA, body]);
    const answer = Buffer.concat([...parts, CLOSE]);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
    response.end(answer);
  } catch (error) {
    response.writeHead(502).end(error.message);
  }
});
server.listen(ADDRESS);
