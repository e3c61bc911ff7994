import type { Dispatcher } from 'undici';
import errors from 'undici/lib/core/errors.js';
import type { ApiKey } from '../auth/api-key.ts';
import type { Abandonment } from '../lib/abandonment.ts';
import type { Clock } from '../lib/clock.ts';
import { ProxyError } from './create-tunnel-connector.ts';
import { decodeContent } from './decode-content.ts';
import type { Dispatches } from './dispatches.ts';
import { invalidResponse, UpstreamError } from './upstream-error.ts';

/** A complete answer of the qBraid API. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** Its body, without content coding. Empty where that of a refusal cannot be read: its status says enough. */
  readonly bytes: Buffer;
}

/** One request. */
export interface ExchangeOptions {
  readonly method: 'GET' | 'POST';
  readonly origin: string;
  /** What follows the origin, from its slash on. It is sent as it is. */
  readonly path: string;
  readonly key: ApiKey;
  readonly traceHeaders: Readonly<Record<string, string>>;
  /** How long it may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Pick<Clock, 'schedule'>;
  readonly signal: Abandonment | undefined;
  /** Where given, an answer of more bytes is given up, and is the error for it. */
  readonly sizeLimit?: SizeLimit | undefined;
}

/** How large an answer may be. */
export interface SizeLimit {
  readonly maxBytes: number;
  /** The variable that says so. */
  readonly name: string;
}

/** Answers beyond this many bytes are broken: a full page of large jobs is far below it. */
export const MAX_UPSTREAM_BYTES = 16 * 1024 * 1024;

/** An answer in pieces of one byte would take a hundred times its size: each piece is an object. So many of them are joined. */
const MAX_CHUNKS = 1024;

/**
 * Sends one request without a body and reads the whole answer. Follows no redirect: the key must not go elsewhere.
 *
 * @throws {UpstreamError} if the connection fails, takes too long, or the answer is no HTTP; the abort reason if `signal`
 *   aborts.
 */
export function exchange(
  dispatches: Pick<Dispatches, 'add'>,
  dispatcher: Dispatcher,
  options: ExchangeOptions,
): Promise<Answer> {
  const { method, origin, path, key, traceHeaders } = options;
  return new Promise((resolve, reject) => {
    const headers = {
      'x-api-key': key.reveal(),
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'qbraid-graphql-gateway',
      ...traceHeaders,
    };
    // `Dispatcher.request` would make a stream and several promises for each answer.
    const handler = new AnswerHandler(options, { resolve, reject });
    dispatches.add({ dispatcher, options: { origin, path, method, headers }, handler });
  });
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** How an answer begins. */
interface Head {
  readonly status: number;
  readonly headers: Headers;
}

/** What an answer, or why there is none, is told to. */
interface Receiver {
  readonly resolve: (answer: Answer | Promise<Answer>) => void;
  readonly reject: (error: unknown) => void;
}

/** Collects the answer to one request. Gives the request up once nobody waits for it, or its time is over. */
class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly #signal: Abandonment | undefined;
  readonly #sizeLimit: SizeLimit | undefined;
  readonly #cancelDeadline: () => void;
  readonly #receiver: Receiver;
  readonly #chunks: Buffer[] = [];
  /** How many of them, at the beginning, were made of `MAX_CHUNKS` others. */
  #joined = 0;
  #size = 0;
  #controller: Dispatcher.DispatchController | null = null;
  /** Why the request was given up. */
  #givenUp: { readonly reason: unknown } | null = null;
  #head: Head | null = null;

  constructor({ signal, timeoutMs, clock, sizeLimit }: ExchangeOptions, receiver: Receiver) {
    this.#signal = signal;
    this.#sizeLimit = sizeLimit;
    this.#receiver = receiver;
    this.#cancelDeadline = clock.schedule(timeoutMs, () => this.#giveUp(timedOutAfter(timeoutMs)));
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener('abort', this.#onAbort);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#givenUp !== null) controller.abort(GIVEN_UP);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    // Before the answer there may be others that only inform.
    if (status >= 200) this.#head = { status, headers };
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
    if (this.#chunks.length - this.#joined === MAX_CHUNKS) this.#joinChunks();
    this.#size += chunk.length;
    const limit = this.#sizeLimit;
    if (limit === undefined || this.#size <= limit.maxBytes || isRefusal(this.#head)) return;
    this.#giveUp(tooLarge(limit));
  }

  onResponseEnd(): void {
    this.#stop();
    const [first] = this.#chunks;
    const bytes = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    if (this.#head === null) return;
    this.#receiver.resolve(toAnswer(this.#head, bytes, this.#sizeLimit));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: unknown): void {
    this.#stop();
    const head = this.#head;
    if (this.#givenUp !== null) this.#receiver.reject(this.#givenUp.reason);
    else if (isRefusal(head)) this.#receiver.resolve(toEmptyAnswer(head));
    else this.#receiver.reject(toUpstreamError(error, head !== null));
  }

  #joinChunks(): void {
    this.#chunks.push(Buffer.concat(this.#chunks.splice(this.#joined)));
    this.#joined += 1;
  }

  readonly #onAbort = () => this.#giveUp(this.#signal?.reason);

  /**
   * The promise of the answer settles once undici has closed the connection. Before there is one, it settles at once: undici would
   * open it first.
   */
  #giveUp(reason: unknown): void {
    this.#givenUp ??= { reason };
    if (this.#controller === null) {
      this.#stop();
      this.#receiver.reject(reason);
    } else this.#controller.abort(GIVEN_UP);
  }

  #stop(): void {
    this.#cancelDeadline();
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }
}

/** Whether the status alone tells that there is no data. */
function isRefusal(head: Head | null): head is Head {
  return head !== null && (head.status < 200 || head.status > 299);
}

/** Takes the content coding off, if there is one. */
function toAnswer(head: Head, bytes: Buffer, sizeLimit: SizeLimit | undefined): Answer | Promise<Answer> {
  const { status, headers } = head;
  const retryAfter = firstOf(headers['retry-after']);
  const encoding = firstOf(headers['content-encoding']);
  if (encoding === undefined) return { status, retryAfter, bytes };
  return decodeContent(bytes, encoding, sizeLimit?.maxBytes ?? MAX_UPSTREAM_BYTES).then(
    (decoded) => ({ status, retryAfter, bytes: decoded }),
    (error: unknown) => {
      if (isRefusal(head)) return toEmptyAnswer(head);
      throw error;
    },
  );
}

function toEmptyAnswer({ status, headers }: Head): Answer {
  return { status, retryAfter: firstOf(headers['retry-after']), bytes: Buffer.alloc(0) };
}

/** What undici is told. Shared, since nobody sees it. */
const GIVEN_UP = new errors.RequestAbortedError();

function firstOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'object' ? header[0] : header;
}

/**
 * Faults of the connection (refused, reset, cut off, no such host) mean that upstream is unavailable. An answer that is
 * no HTTP, or too large, is invalid.
 */
function toUpstreamError(error: unknown, hasBegun: boolean): UpstreamError {
  const fault = faultOf(error);
  if (error instanceof errors.HTTPParserError || NO_HTTP.has(fault)) {
    return invalidResponse('The qBraid API sent an answer that is no HTTP.');
  }
  if (error instanceof errors.ResponseExceededMaxSizeError) {
    return invalidResponse('The qBraid API sent an answer that is too large to be one.');
  }
  if (error instanceof errors.ConnectTimeoutError) return timedOut('did not accept a connection in time');
  if (error instanceof errors.HeadersTimeoutError) return timedOut('did not begin its answer in time');
  if (error instanceof errors.BodyTimeoutError) return timedOut('stopped within its answer');
  if (error instanceof ProxyError) {
    return new UpstreamError('unavailable', `The proxy opens no way to the qBraid API (${error.message}).`);
  }
  return new UpstreamError('unavailable', `The connection to the qBraid API failed (${fault}).`, {
    isConnectionLost: !hasBegun && LOSSES.has(fault),
  });
}

/**
 * What is no HTTP, though the parser lets it pass: too many headers, and a status below 100, which undici takes for a fault of its own.
 * A body that does not fit its `Content-Length` is not here: mostly the transfer broke.
 */
const NO_HTTP: ReadonlySet<string> = new Set(['UND_ERR_HEADERS_OVERFLOW', 'ERR_ASSERTION']);

/** How a connection that was open ends. One that never opened is not lost. */
const LOSSES: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

function tooLarge({ maxBytes, name }: SizeLimit): UpstreamError {
  return new UpstreamError(
    'too-large',
    `The qBraid API sent an answer of more than the ${maxBytes} bytes that ${name} allows: raise it to read this.`,
    { limit: name, max: maxBytes },
  );
}

function timedOutAfter(timeoutMs: number): UpstreamError {
  return timedOut(`did not answer within ${timeoutMs} ms`);
}

function timedOut(what: string): UpstreamError {
  return new UpstreamError('timeout', `The qBraid API ${what}.`);
}

/** The code of a fault, such as ECONNREFUSED. Its message may hold addresses of the internal network. */
function faultOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'no known cause';
}
