import { expect, test } from 'vitest';
import { createSubscribe } from '../../clients/src/relay.ts';

const ENDED = { data: { jobUpdated: { id: 'a', status: 'COMPLETED' } } };
const REFUSED = { data: null, errors: [{ message: 'gone', extensions: { code: 'NOT_FOUND', qrn: 'b' } }] };

test.each([
  ['before', [REFUSED, ENDED], ['refusal', 'data', 'end']],
  ['after', [ENDED, REFUSED], ['data', 'refusal', 'end']],
])(
  'a subscription of Relay in which one job is refused %s another one ends is no failure',
  async (_, results, told) => {
    expect(await subscribe(results)).toEqual(told);
  },
);

test('a subscription of Relay in which all jobs are refused ends with the refusal', async () => {
  expect(await subscribe([REFUSED])).toEqual(['refusal', 'no data', 'end']);
});

/** What Relay and `onRefusal` are told of a stream with these results. */
async function subscribe(results: readonly object[]): Promise<string[]> {
  const told: string[] = [];
  const events = results.map((result) => `event: next\ndata: ${JSON.stringify(result)}\n\n`).join('');
  const open = createSubscribe({
    url: 'http://gateway.example/graphql',
    fetch: async () =>
      new Response(`${events}event: complete\ndata:\n\n`, {
        headers: { 'content-type': 'text/event-stream' },
      }),
    onRefusal: () => told.push('refusal'),
  });
  const text = 'subscription Rows($qrns: [String!]!) { jobUpdated(qrns: $qrns) { id status } }';
  const observable = open({ name: 'Rows', text, id: null } as never, { qrns: [] }, {} as never);
  await new Promise<void>((resolve, reject) => {
    (observable as ReturnType<typeof open> & { subscribe(sink: object): void }).subscribe({
      next: ({ data }: { data: object | null }) => told.push(data === null ? 'no data' : 'data'),
      error: reject,
      complete() {
        told.push('end');
        resolve();
      },
    });
  });
  return told;
}
