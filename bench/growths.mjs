import { askGateway } from './ask-gateway.mjs';
import { jobsOf } from './jobs.mjs';
import { FIELDS, ONE_JOB } from './workloads.mjs';

const KEY = 'alice';
/** So few that none waits long behind the others: only the table of clients shows what a crowd does. */
const CLIENTS = 8;
const JOBS = 2000;
const HOT_JOBS = 10;
const PAGE = 50;
const WALK = 500;

const LIST = `query ($first: Int!, $after: String) { jobs(first: $first, after: $after) { totalCount nodes { ${FIELDS.join(' ')} } } }`;
const CURSOR =
  'query ($first: Int!, $after: String) { jobs(first: $first, after: $after) { pageInfo { endCursor } } }';

/** What grows, each with its points: how many jobs a key has, how many clients ask, and what they ask. */
export const GROWTHS = {
  clients: {
    title: 'clients',
    points: [1, 10, 100, 1000].map((clients) => ({
      title: String(clients),
      jobs: JOBS,
      clients,
      // A crowd may be refused.
      mayRefuse: true,
      makeRequests: (port) => withLengths(port, hotJobs()),
    })),
  },
  keys: {
    title: 'keys',
    points: [1, 5, 20].map((keys) => ({
      title: String(keys),
      jobs: JOBS,
      clients: CLIENTS,
      makeRequests: (port) => withLengths(port, [list(PAGE, { headers: { 'x-api-keys': keysNamed(keys) } })]),
    })),
  },
  pages: {
    title: 'jobs of the page',
    points: [10, 50, 100, 500].map((first) => ({
      title: String(first),
      jobs: JOBS,
      clients: CLIENTS,
      makeRequests: (port) => withLengths(port, [list(first)]),
    })),
  },
  lists: {
    title: 'jobs of the list',
    points: [100, 1000, 10_000, 100_000].flatMap((jobs) => [
      {
        title: `${jobs.toLocaleString('en')}, first page`,
        jobs,
        clients: CLIENTS,
        makeRequests: (port) => withLengths(port, [list(PAGE)]),
      },
      {
        title: `${jobs.toLocaleString('en')}, page in the middle`,
        jobs,
        clients: CLIENTS,
        makeRequests: async (port) =>
          withLengths(port, [list(PAGE, { after: await findMiddle(port, jobs) })]),
      },
    ]),
  },
};

const keysNamed = (count) => Array.from({ length: count }, (_, index) => `user-${index + 1}`).join(', ');

function hotJobs() {
  const headers = { 'x-api-key': KEY };
  return jobsOf(KEY, JOBS, true)
    .slice(0, HOT_JOBS)
    .map(({ jobQrn }) => ({ headers, query: ONE_JOB, variables: { qrn: jobQrn } }));
}

function list(first, { headers = { 'x-api-key': KEY }, after } = {}) {
  return { headers, query: LIST, variables: { first, after } };
}

/** The cursor in the middle of a list, which is only found by reading up to it. */
async function findMiddle(port, jobs) {
  let after;
  for (let left = jobs / 2; left > 0; left -= WALK) {
    const variables = { first: Math.min(left, WALK), after };
    const { data } = await askGateway(port, { headers: { 'x-api-key': KEY }, query: CURSOR, variables });
    after = data.jobs.pageInfo.endCursor;
  }
  return after;
}

/** Asks each once, to know how long the answers are. `npm run bench` compares what is in them. */
function withLengths(port, requests) {
  return Promise.all(
    requests.map(async (request) => ({ ...request, length: (await askGateway(port, request)).length })),
  );
}
