/** Follows work in spans. Without tracing, `run` is called and nothing else is done. */
export interface Tracing {
  /**
   * Begins a span, which its caller ends.
   *
   * @param parent what it is a part of. Where that has ended, as for a poll that goes on after the request which began it, or
   *   where there is none, a trace of its own begins.
   */
  begin(name: string, parent: Span | null | undefined, facts: SpanFacts): OpenSpan;

  /** Runs `run` in a span, which ends with it, or with the promise that it returns. @param parent see `begin`. */
  span<T>(name: string, parent: Span | null | undefined, facts: SpanFacts, run: (span: Span) => T): T;
}

/** What is known of a span when it begins. */
export interface SpanFacts {
  /** Who asked: `server` is a client, `client` is the gateway itself. @default 'internal' */
  readonly kind?: 'internal' | 'server' | 'client';
  readonly attributes?: SpanAttributes;
  /** The `traceparent` that a client sent, where there is no parent: malformed ones are ignored. */
  readonly traceparent?: string | null;
}

/** Never a key, a QRN or another text of a client. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

/** A span that has begun. It is handed on to the work that is a part of it. */
export interface Span {
  /** Names it for what it turned out to be. */
  rename(name: string): void;
  note(attributes: SpanAttributes): void;
  /** Marks what it stands for as failed, for this reason: one of few words. */
  fail(reason: string): void;
  /** The headers that make what another service does a part of it (W3C Trace Context). */
  readonly headers: Readonly<Record<string, string>>;
}

/** A span that whoever began it must end. */
export interface OpenSpan extends Span {
  /** Ends it, once. */
  end(): void;
  /** Ends it as failed, unless it has ended, with the kind of this error: its message may hold what a client sent. */
  endFailed(error: unknown): void;
}

const NO_SPAN: OpenSpan = { rename() {}, note() {}, fail() {}, end() {}, endFailed() {}, headers: {} };

/** Follows nothing. */
export const noTracing: Tracing = {
  begin: () => NO_SPAN,
  span: (_name, _parent, _facts, run) => run(NO_SPAN),
};
