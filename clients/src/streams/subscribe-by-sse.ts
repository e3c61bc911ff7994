import { createClient, type RequestParams } from 'graphql-sse';
import { readAnswer } from '../client/read-answer.ts';
import { type ResumeOptions, resumeStream } from './resume-stream.ts';
import type { StreamResult } from './stream-progress.ts';

/** Where the gateway is, and what to send with each request. */
export interface SseOptions extends Pick<ResumeOptions, 'onRetry'> {
  /** The address of the GraphQL endpoint. */
  readonly url: string;
  /** The headers with the key; a function is asked for each connection. */
  readonly headers?:
    | Record<string, string>
    | (() => Record<string, string> | Promise<Record<string, string>>);
  /** @default the global `fetch` */
  readonly fetch?: typeof fetch;
}

/** A subscription: its text, or what a client sends in place of it where the operation is persisted. */
export interface SseRequest extends Partial<RequestParams> {
  /** Relay's id of a persisted operation. */
  readonly doc_id?: string | null;
}

/** Takes what a subscription gives. Nothing comes after `error` or `complete`. */
export interface SseSink<Result> {
  next(result: Result): void;
  error(failure: unknown): void;
  complete(): void;
}

/**
 * Subscribes with graphql-sse's client, again and again until all is told (`resumeStream`). Returns what ends the
 * subscription, after which the sink is told nothing.
 */
export function subscribeBySse<Result extends StreamResult>(
  { url, headers, fetch: send, onRetry }: SseOptions,
  request: SseRequest,
  sink: SseSink<Result>,
): () => void {
  const ended = new AbortController();
  const { signal } = ended;

  async function* open(): AsyncGenerator<Result> {
    let refused: Response | null = null;
    const client = createClient({
      url,
      ...(headers && { headers }),
      retryAttempts: 0,
      async fetchFn(input: string, init: RequestInit) {
        const response = await (send ?? fetch)(input, init);
        if (!response.ok) refused = response;
        return response;
      },
    });
    signal.addEventListener('abort', client.dispose);
    try {
      yield* client.iterate(request as RequestParams) as AsyncIterable<Result>;
    } catch (error) {
      if (refused !== null) await readAnswer(refused);
      throw error;
    } finally {
      signal.removeEventListener('abort', client.dispose);
      client.dispose();
    }
  }

  async function run() {
    for await (const result of resumeStream(request.query ?? '', open, { signal, onRetry })) {
      if (signal.aborted) return;
      sink.next(result);
    }
    if (!signal.aborted) sink.complete();
  }

  run().catch((error: unknown) => {
    if (!signal.aborted) sink.error(error);
  });
  return () => ended.abort();
}
