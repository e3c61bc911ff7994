import { toGraphqlRequest, toPlainRequest } from './http-request.mjs';
import { WORKLOADS } from './workloads.mjs';

const known = new Map();

/**
 * The requests that the load generator sends, as bytes, and how long their answers are. A load is a workload by its name,
 * for a server that speaks GraphQL or for `limit`, or it names its requests itself.
 */
export function loadOf(load) {
  const name = JSON.stringify(load);
  const requests = known.get(name) ?? toLoad(load);
  known.set(name, requests);
  return requests;
}

function toLoad({ workload, isPlain = false, requests = WORKLOADS[workload].requests() }) {
  return requests.map((request) => (isPlain ? toPlainLoad(request) : toGraphqlLoad(request)));
}

function toGraphqlLoad({ key, headers = { 'x-api-key': key }, query, variables, expected, length }) {
  return {
    bytes: toGraphqlRequest({ headers, query, variables }),
    length: length ?? Buffer.byteLength(JSON.stringify({ data: expected })),
  };
}

function toPlainLoad({ key, limitPath, bodies }) {
  return {
    bytes: toPlainRequest({ headers: { 'x-api-key': key }, path: limitPath }),
    length: Buffer.byteLength(`[${bodies.join(',')}]`),
  };
}
