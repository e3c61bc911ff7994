// The qBraid API without latency: its own process, whose bodies are made before they are asked for. JOBS is how many jobs
// each key has, and OWN_QRNS=1 gives each key its own names of jobs. It also takes traces, and drops them.
import { createServer } from 'node:http';
import { toJobBody, toPageBody } from './envelopes.mjs';
import { ENDED, jobsOf } from './jobs.mjs';

const JOBS = Number(process.env.JOBS ?? 2000);
const HAS_OWN_QRNS = process.env.OWN_QRNS === '1';
const HEADERS = { 'content-type': 'application/json' };

let requests = 0;
const lists = new Map();

function listOf(key) {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const jobs = jobsOf(key, JOBS, HAS_OWN_QRNS);
  const texts = jobs.map((job) => JSON.stringify(job));
  const list = {
    byQrn: new Map(jobs.map(({ jobQrn }, index) => [jobQrn, Buffer.from(toJobBody(texts[index]))])),
    all: texts,
    pending: texts.filter((_, index) => !ENDED.includes(jobs[index].status)),
    pages: new Map(),
  };
  lists.set(key, list);
  return list;
}

/** The body of a page, which is made once. None if it is of a list that is filtered in another way than the gateway does. */
function pageOf(list, url) {
  const known = list.pages.get(url);
  if (known !== undefined) return known;
  const {
    page = 1,
    limit = 50,
    statusGroup = 'all',
    ...others
  } = Object.fromEntries(new URL(url, 'http://upstream').searchParams);
  const texts = { all: list.all, pending: list.pending }[statusGroup];
  if (texts === undefined || Object.keys(others).length > 0 || limit > 100) return undefined;
  const body = Buffer.from(toPageBody(texts, Number(page), Number(limit)));
  list.pages.set(url, body);
  return body;
}

function bodyOf(url, key) {
  const list = listOf(key);
  return url.startsWith('/jobs/')
    ? list.byQrn.get(decodeURIComponent(url.slice('/jobs/'.length)))
    : pageOf(list, url);
}

function send(response, status, body) {
  response.writeHead(status, { ...HEADERS, 'content-length': body.length });
  response.end(body);
}

const server = createServer(({ url, headers }, response) => {
  if (url === '/control') {
    // The processor time, too: if it is much, the measured rate is that of this process.
    const { user, system } = process.cpuUsage();
    send(response, 200, Buffer.from(JSON.stringify({ requests, cpuMicros: user + system })));
    return;
  }
  if (url === '/v1/traces') return send(response, 200, Buffer.from('{}'));
  requests += 1;
  const body = bodyOf(url, headers['x-api-key'] ?? '');
  if (body) send(response, 200, body);
  else send(response, 404, Buffer.from(JSON.stringify({ detail: `This list does not know ${url}.` })));
});
// A connection that closes while the next request is on its way would be an error of no server's making.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
