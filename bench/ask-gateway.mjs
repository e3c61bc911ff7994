/** Asks a gateway once. Gives the data, and how many bytes the answer has. Throws if anything is wrong with it. */
export async function askGateway(port, { headers, query, variables }) {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  const { data, errors } = JSON.parse(text);
  if (errors !== undefined) throw new Error(`the gateway answered ${response.status}: ${text.slice(0, 500)}`);
  return { data, length: Buffer.byteLength(text) };
}
