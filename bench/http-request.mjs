/** The body of a GraphQL request. */
export const toRequestBody = ({ query, variables }) => JSON.stringify({ query, variables });

/** The bytes of a GraphQL request, with the headers that GraphQL clients send. */
export function toGraphqlRequest({ headers, query, variables }) {
  const body = toRequestBody({ query, variables });
  const lines = Object.entries({
    host: '127.0.0.1',
    accept: 'application/graphql-response+json, application/json;q=0.9',
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST /graphql HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}

/** The bytes of a request to the server `limit`. */
export function toPlainRequest({ headers, path }) {
  const lines = Object.entries({ host: '127.0.0.1', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
}
