/** Follows work in spans. Without tracing, `run` is called and nothing else is done. */
export interface Tracing {
  /**
   * Runs `run` in a span, which ends with it, or with the promise that it returns. The span is a part of the one in which
   * it begins. Where that one has ended, as for a poll that goes on after the request which began it, a trace of its
   * own begins.
   */
  span<T>(name: string, facts: SpanFacts, run: (span: Span) => T): T;
}

export interface SpanFacts {
  /** Who asked: `server` is a client, `client` is the gateway itself. @default 'internal' */
  readonly kind?: 'internal' | 'server' | 'client';
  readonly attributes?: SpanAttributes;
  /** The `traceparent` that a client sent: malformed ones are ignored. */
  readonly traceparent?: string | null;
}

/** Never a key, a QRN or another text of a client. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

/** A span that has begun. */
export interface Span {
  /** Names it for what it turned out to be. */
  rename(name: string): void;
  note(attributes: SpanAttributes): void;
  /** Marks what it stands for as failed, for this reason: one of few words. */
  fail(reason: string): void;
  /** The headers that make what another service does a part of it (W3C Trace Context). */
  readonly headers: Readonly<Record<string, string>>;
}

const NO_SPAN: Span = { rename() {}, note() {}, fail() {}, headers: {} };

/** Follows nothing. */
export const noTracing: Tracing = { span: (_name, _facts, run) => run(NO_SPAN) };
