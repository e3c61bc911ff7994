import type { ReadableStream } from 'node:stream/web';
import type { Answer, QueryOptions, TestGateway } from './create-test-gateway.ts';

/** What comes over an event stream, taken no faster than it is asked for. */
export interface EventStream {
  /** The next answer, or null once the stream is complete. Rejects where it breaks off. */
  next(): Promise<Answer | null>;
  /** All answers until the stream is complete. */
  rest(): Promise<readonly Answer[]>;
  /** How many comments came until now. */
  readonly comments: number;
  readonly response: Response;
  /** Leaves, as a client does that closes its connection. */
  cut(): void;
}

/** Subscribes over server-sent events, without a socket. The watch begins with the first `next`. */
export function openStream(
  gateway: Pick<TestGateway, 'subscribe'>,
  query: string,
  options?: QueryOptions,
): Promise<EventStream> {
  return openStreamAt('http://gateway/graphql', query, options, (_, { headers, body, signal }) =>
    gateway.subscribe({ headers, body, signal, address: options?.address }),
  );
}

/** What a client sends to subscribe. */
interface StreamInit {
  readonly method: 'POST';
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** Subscribes over server-sent events at this address. */
export async function openStreamAt(
  url: string,
  query: string,
  { key = 'alice-key', keys, variables = {}, headers = {} }: QueryOptions = {},
  send: (url: string, init: StreamInit) => Promise<Response> = fetch,
): Promise<EventStream> {
  const connection = new AbortController();
  const credential: Record<string, string> =
    keys === undefined ? { 'x-api-key': key ?? '' } : { 'x-api-keys': keys };
  const response = await send(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...credential, ...headers },
    body: JSON.stringify({ query, variables }),
    signal: connection.signal,
  });
  return readStream(response, () => connection.abort());
}

/** Reads a stream as its events come. Gives the answers until now. */
export function answersOf(stream: EventStream): readonly Answer[] {
  const answers: Answer[] = [];
  const readOn = async () => {
    for (let answer = await stream.next(); answer !== null; answer = await stream.next())
      answers.push(answer);
  };
  // It may break off.
  readOn().catch(() => {});
  return answers;
}

/** Reads the events of a response in the distinct connections mode of GraphQL over SSE. */
function readStream(response: Response, cut: () => void): EventStream {
  let comments = 0;
  let isComplete = false;
  const blocks = blocksOf(response);

  async function next(): Promise<Answer | null> {
    while (!isComplete) {
      const { done, value: block } = await blocks.next();
      if (done) throw new Error('The stream broke off.');
      if (block.startsWith(':')) comments += 1;
      else if (block === 'event: complete\ndata:') isComplete = true;
      else return JSON.parse(dataOf(block));
    }
    return null;
  }

  return {
    next,
    async rest() {
      const answers: Answer[] = [];
      for (let answer = await next(); answer !== null; answer = await next()) answers.push(answer);
      return answers;
    },
    get comments() {
      return comments;
    },
    response,
    cut,
  };
}

/** The text of a response between its blank lines. */
async function* blocksOf({ body }: Response): AsyncGenerator<string, void> {
  if (body === null) throw new Error('The response has no body, so it is no event stream.');
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream()) as ReadableStream<string>) {
    const blocks = `${text}${chunk}`.split('\n\n');
    text = blocks.pop() ?? '';
    yield* blocks;
  }
}

function dataOf(block: string): string {
  const [, data] = /^event: next\ndata: (.*)$/.exec(block) ?? [];
  if (data === undefined) throw new Error(`No event of the protocol: ${JSON.stringify(block)}`);
  return data;
}
