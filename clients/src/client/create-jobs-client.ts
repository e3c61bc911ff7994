import type { AnswerError } from '../core/jobs-error.ts';
import { type ResumeOptions, resumeStream } from '../streams/resume-stream.ts';
import { type PostOptions, postOperation } from './post-operation.ts';
import { readAnswer } from './read-answer.ts';
import { readEvents } from './read-events.ts';

/** Where the gateway is, and what to send with each request. */
export interface JobsClientOptions extends Omit<PostOptions, 'fetch'> {
  /** @default the global `fetch` */
  readonly fetch?: typeof fetch | undefined;
}

/**
 * The text of an operation. GraphQL Code Generator's client preset gives texts that know their types with
 * `documentMode: 'string'`.
 */
export type OperationText<Data, Variables> =
  | string
  // biome-ignore lint/complexity/noBannedTypes: such a text is an object of this class
  | (String & { __apiType?: (variables: Variables) => Data });

/** One event of a subscription. */
export interface JobsEvent<Data> {
  readonly data: Data | null;
  /** What failed, such as one of several jobs: `extensions.qrn` names it. The others go on. */
  readonly errors: readonly AnswerError[];
}

/** How to read a subscription. */
export interface SubscribeOptions extends Pick<ResumeOptions, 'onRetry'> {
  /** Ends the subscription. */
  readonly signal?: AbortSignal;
}

/** A client without a cache. */
export interface JobsClient {
  /** Sends a query or a mutation. Throws a `JobsError` if anything failed: its `data` has what did not. */
  query<Data, Variables extends object>(
    document: OperationText<Data, Variables>,
    variables?: Variables,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Data>;
  /**
   * Subscribes when it is read, and ends when reading ends. It goes on after lost connections, temporary refusals and
   * restarts of the gateway, with the present state first; `jobUpdated` ends when all its jobs have ended. A refusal for
   * good is a last event with `errors`.
   */
  subscribe<Data, Variables extends object>(
    document: OperationText<Data, Variables>,
    variables?: Variables,
    options?: SubscribeOptions,
  ): AsyncGenerator<JobsEvent<Data>, void>;
}

/** Creates a client that needs only `fetch`. */
export function createJobsClient({ url, headers, fetch: send = fetch }: JobsClientOptions): JobsClient {
  const post = (accept: string, query: string, variables: object, signal: AbortSignal | undefined) =>
    postOperation({ url, headers, fetch: send }, accept, { query, variables }, signal);

  /** The events of one connection. */
  async function* open<Data>(query: string, variables: object, signal: AbortSignal) {
    const response = await post('text/event-stream', query, variables, signal);
    if (!response.ok || response.body === null) return void (await readAnswer(response));
    for await (const { event, data } of readEvents(response.body)) {
      if (event === 'complete') return;
      if (event === 'next') yield toEvent<Data>(data);
    }
    throw new Error('The event stream broke off.');
  }

  return {
    async query(document, variables = {} as never, { signal } = {}) {
      return readAnswer(await post(ANSWER_TYPES, String(document), variables, signal));
    },
    async *subscribe<Data>(
      document: OperationText<Data, never>,
      variables: object = {},
      { signal, onRetry }: SubscribeOptions = {},
    ) {
      const left = new AbortController();
      const whenEnded = signal === undefined ? left.signal : AbortSignal.any([left.signal, signal]);
      const query = String(document);
      try {
        yield* resumeStream(query, () => open<Data>(query, variables, whenEnded), {
          signal: whenEnded,
          onRetry,
        });
      } catch (error) {
        if (!whenEnded.aborted) throw error;
      } finally {
        left.abort();
      }
    },
  };
}

const ANSWER_TYPES = 'application/graphql-response+json, application/json;q=0.9';

function toEvent<Data>(text: string): JobsEvent<Data> {
  const { data = null, errors = [] } = JSON.parse(text) as Partial<JobsEvent<Data>>;
  return { data, errors };
}
