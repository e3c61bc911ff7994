import type { Tracing } from '../../lib/tracing.ts';
import { RequestTrace, type TracedRequest } from './request-trace.ts';

/** The traces of all requests that are being served. They are handed on explicitly: see `RequestIds`. */
export class RequestTraces {
  readonly #tracing: Tracing;
  readonly #traces = new WeakMap<Request, RequestTrace>();

  constructor(tracing: Tracing) {
    this.#tracing = tracing;
  }

  /** Begins the trace of a request. */
  open(request: TracedRequest): RequestTrace {
    return new RequestTrace(this.#tracing, request);
  }

  /** Keeps the trace of a request of the Fetch API. */
  set(request: Request, trace: RequestTrace): void {
    this.#traces.set(request, trace);
  }

  of(request: Request): RequestTrace | undefined {
    return this.#traces.get(request);
  }
}
