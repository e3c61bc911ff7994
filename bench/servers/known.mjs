// What no GraphQL server over `node:http` can go below: it has the right answers to all requests of the workloads in a map,
// and finds them by the key and the body. It parses nothing, asks nothing and forgets nothing.
import { createServer } from 'node:http';
import { toRequestBody } from '../http-request.mjs';
import { WORKLOADS } from '../workloads.mjs';
import { ADDRESS } from './environment.mjs';

const answers = new Map(
  Object.values(WORKLOADS)
    .flatMap(({ requests }) => requests())
    .map((request) => [
      toName(request.key, toRequestBody(request)),
      Buffer.from(JSON.stringify({ data: request.expected })),
    ]),
);

function toName(key, body) {
  return `${key} ${body}`;
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    const answer = answers.get(toName(request.headers['x-api-key'], body.toString()));
    if (answer === undefined) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
    response.end(answer);
  });
});
server.listen(ADDRESS);
