import type { Answer } from './create-test-gateway.ts';

/** Sends an operation to a gateway that listens, and gives the answer. */
export async function sendOperation(
  url: string,
  key: string,
  query: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, ...headers },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Answer;
}
