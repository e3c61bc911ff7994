import { isDeepStrictEqual } from 'node:util';
import { toRequestBody } from './http-request.mjs';

const SAMPLES = 24;

/** Compares the answers of a server with what the data say, for requests of all keys. Throws at the first that differs. */
export async function checkAnswers(name, { port, isPlain = false }, requests) {
  const count = Math.min(SAMPLES, requests.length);
  for (let sample = 0; sample < count; sample += 1) {
    const request = requests[Math.floor((sample * requests.length) / count)];
    const { status, text, expected } = isPlain
      ? await askPlain(port, request)
      : await askGraphql(port, request);
    if (status === 200 && isDeepStrictEqual(JSON.parse(text), expected)) continue;
    throw new Error(
      `${name} answers wrongly to ${request.key}.\nIt was asked: ${request.query} ${JSON.stringify(request.variables)}\n` +
        `Expected: ${JSON.stringify(expected).slice(0, 500)}\nGot ${status}: ${text.slice(0, 500)}`,
    );
  }
}

async function askGraphql(port, { key, query, variables, expected }) {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: toRequestBody({ query, variables }),
  });
  return { status: response.status, text: await response.text(), expected: { data: expected } };
}

async function askPlain(port, { key, limitPath, bodies }) {
  const response = await fetch(`http://127.0.0.1:${port}${limitPath}`, { headers: { 'x-api-key': key } });
  return {
    status: response.status,
    text: await response.text(),
    expected: bodies.map((body) => JSON.parse(body)),
  };
}
