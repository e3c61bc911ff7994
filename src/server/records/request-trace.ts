import type { OpenSpan, Span, Tracing } from '../../lib/tracing.ts';
import type { OperationFacts } from './request-record.ts';

/** What a trace needs to know of a request. */
export interface TracedRequest {
  readonly method: string;
  readonly headers: Pick<Headers, 'get'>;
}

/**
 * The spans of one request, whoever answers it: its own, which is a part of the trace that its `traceparent` names, and in that the
 * span of its operation. Of what the client sent, they hold the name and the type of a valid operation.
 */
export class RequestTrace {
  readonly #tracing: Tracing;
  readonly #method: string;
  readonly #request: OpenSpan;
  #operation: OpenSpan | null = null;

  constructor(tracing: Tracing, { method, headers }: TracedRequest) {
    this.#tracing = tracing;
    this.#method = method;
    this.#request = tracing.begin('HTTP request', null, {
      kind: 'server',
      attributes: { 'http.request.method': method },
      traceparent: headers.get('traceparent'),
    });
  }

  /** What the reads of its operation are parts of: null before that begins. */
  get operation(): Span | null {
    return this.#operation;
  }

  /** The operation begins, unless it has begun: Yoga goes on with operations of the fast lane. */
  beginOperation(): OpenSpan {
    this.#operation ??= this.#tracing.begin('GraphQL operation', this.#request, {});
    return this.#operation;
  }

  /** The operation has ended: null stands for one that was refused before it was found valid. */
  endOperation(operation: OperationFacts | null): void {
    const span = this.beginOperation();
    if (operation === null) span.fail('refused');
    else {
      const { name, type } = operation;
      span.rename(name === null ? type : `${type} ${name}`);
      span.note({
        'graphql.operation.type': type,
        ...(name === null ? {} : { 'graphql.operation.name': name }),
      });
    }
    span.end();
  }

  /** There is an answer. @param isGraphQL whether the request was to the GraphQL endpoint. */
  answered(status: number, isGraphQL: boolean): void {
    if (isGraphQL) this.#request.rename(`${this.#method} /graphql`);
    this.#request.note({ 'http.response.status_code': status });
    if (status >= 500) this.#request.fail(String(status));
  }

  /** A request of the fast lane has ended: null stands for one that had no operation yet. */
  complete(operation: OperationFacts | null, status: number): void {
    if (operation !== null) this.endOperation(operation);
    this.answered(status, true);
    this.end();
  }

  end(): void {
    this.#request.end();
  }

  endFailed(error: unknown): void {
    this.#operation?.endFailed(error);
    this.#request.endFailed(error);
  }
}
