import { toJobBody, toPageBody } from './envelopes.mjs';
import { jobsOf } from './jobs.mjs';
import { KEYS } from './keys.mjs';
import { createRandom, pickIndex } from './random.mjs';

const JOBS = 2000;
export const FIELDS = [
  'qrn',
  'name',
  'status',
  'shots',
  'deviceQrn',
  'vendor',
  'provider',
  'tags',
  'queuePosition',
  'cost',
  'estimatedCost',
  'createdAt',
];
const FEW_FIELDS = ['qrn', 'name', 'status', 'cost'];
const [ONE_KEY] = KEYS;
const HOT_JOBS = 10;
const PAGE = 50;
const ALIASES = 20;
const NAMES = 10;
/** How many different requests of W3 there are: more than any cache of whole answers would be worth. */
const W3_REQUESTS = 4000;

export const ONE_JOB = `query ($qrn: String!) { job(qrn: $qrn) { ${FIELDS.join(' ')} } }`;
const LIST = `query ($first: Int!) { jobs(first: $first) { totalCount nodes { ${FIELDS.join(' ')} } } }`;
const BATCHES = `query ($first: Int!) { jobs(first: $first) { nodes { qrn status batchJob { qrn status } } } }`;
const MANY_JOBS = `query (${range(NAMES, (index) => `$q${index}: String!`).join(', ')}) { ${range(
  ALIASES,
  (index) => `a${index}: job(qrn: $q${index % NAMES}) { ${FEW_FIELDS.join(' ')} }`,
).join(' ')} }`;

/** What the keys own: the jobs, their texts as upstream sends them, and the jobs by their names. */
const owned = Object.fromEntries(KEYS.map((key) => [key, own(jobsOf(key, JOBS, false))]));

function own(jobs) {
  const texts = jobs.map((job) => JSON.stringify(job));
  return { jobs, texts, byQrn: new Map(jobs.map((job) => [job.jobQrn, job])) };
}

/**
 * Each workload makes the requests that are sent, in any order. A request has the key, the document and its variables, what
 * the answer must be, and for the server `limit` its address and the bodies that it must hand on. `samples` are the
 * requests that are compared in full before and after the measuring.
 */
export const WORKLOADS = {
  W1: {
    title: 'one job of 2,000, 8 keys',
    requests: () => KEYS.flatMap((key) => range(JOBS, (index) => oneJob('/w1', key, index))),
  },
  W2: { title: 'a list of 50 jobs, 8 keys', requests: () => KEYS.map(listOfJobs) },
  W3: { title: '20 aliases of 10 jobs, 8 keys', requests: manyJobs },
  W4: { title: '50 jobs with their batches, 8 keys', requests: () => KEYS.map(jobsWithBatches) },
  W5: {
    title: 'ten hot jobs, one key',
    requests: () => range(HOT_JOBS, (index) => oneJob('/w5', ONE_KEY, index)),
  },
};

function oneJob(path, key, index) {
  const { jobs, texts } = owned[key];
  const qrn = jobs[index].jobQrn;
  return {
    key,
    query: ONE_JOB,
    variables: { qrn },
    expected: { job: view(jobs[index], FIELDS) },
    limitPath: `${path}?qrn=${encodeURIComponent(qrn)}`,
    bodies: [toJobBody(texts[index])],
  };
}

function listOfJobs(key) {
  const { jobs, texts } = owned[key];
  const nodes = jobs.slice(0, PAGE).map((job) => view(job, FIELDS));
  return {
    key,
    query: LIST,
    variables: { first: PAGE },
    expected: { jobs: { totalCount: JOBS, nodes } },
    limitPath: '/w2',
    bodies: [toPageBody(texts, 1, PAGE)],
  };
}

function manyJobs() {
  const random = createRandom(3);
  return range(W3_REQUESTS, () => {
    const key = KEYS[pickIndex(random, KEYS.length)];
    const { jobs, texts } = owned[key];
    const indexes = new Set();
    while (indexes.size < NAMES) indexes.add(pickIndex(random, JOBS));
    const wanted = [...indexes];
    return {
      key,
      query: MANY_JOBS,
      variables: Object.fromEntries(wanted.map((index, name) => [`q${name}`, jobs[index].jobQrn])),
      expected: Object.fromEntries(
        range(ALIASES, (alias) => [`a${alias}`, view(jobs[wanted[alias % NAMES]], FEW_FIELDS)]),
      ),
      limitPath: `/w3?${wanted.map((index) => `qrn=${encodeURIComponent(jobs[index].jobQrn)}`).join('&')}`,
      bodies: wanted.map((index) => toJobBody(texts[index])),
    };
  });
}

function jobsWithBatches(key) {
  const { jobs, texts, byQrn } = owned[key];
  const page = jobs.slice(0, PAGE);
  const parentOf = ({ batchJobQrn }) => (batchJobQrn === null ? null : byQrn.get(batchJobQrn));
  const nodes = page.map((job) => ({
    ...view(job, ['qrn', 'status']),
    batchJob: parentOf(job) && view(parentOf(job), ['qrn', 'status']),
  }));
  const parents = [...new Set(page.map(parentOf))].filter((job) => job !== null);
  return {
    key,
    query: BATCHES,
    variables: { first: PAGE },
    expected: { jobs: { nodes } },
    limitPath: `/w4?${parents.map(({ jobQrn }) => `qrn=${encodeURIComponent(jobQrn)}`).join('&')}`,
    bodies: [toPageBody(texts, 1, PAGE), ...parents.map((job) => toJobBody(texts[jobs.indexOf(job)]))],
  };
}

/** These fields of a job, as GraphQL has them. */
function view(job, fields) {
  const all = { ...job, qrn: job.jobQrn, createdAt: job.timeStamps.createdAt };
  return Object.fromEntries(fields.map((field) => [field, all[field]]));
}

function range(length, make) {
  return Array.from({ length }, (_, index) => make(index));
}
