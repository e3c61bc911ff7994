import type { Seq } from '../jobs/seq.ts';
import { Abandoning, type Abandonment } from '../lib/abandonment.ts';

/** A request in flight, which others may join. */
export interface InFlightRequest<Subject, Answer> {
  readonly subject: Subject;
  /** When it was sent: null while it waits for admission. */
  readonly askedSeq: Seq | null;
  /**
   * Waits for the answer. One who leaves, by `signal`, gets its abort reason and stops nothing for the others. When the
   * last one leaves, the request is aborted.
   */
  join(signal: Abandonment | undefined): Promise<Answer>;
}

/** What a request needs while it runs. */
export interface Run {
  /** Aborts once nobody waits for the answer any more. */
  readonly signal: Abandonment;
  /** Notes when the request was sent. */
  sent(askedSeq: Seq): void;
}

/** The requests in flight, in groups. Only readers of one group may share an answer. No request is in two groups. */
export class InFlight<Subject, Answer> {
  readonly #groups = new Map<string, OpenRequest<Subject, Answer>[]>();

  /** A request of the group that serves, or null. */
  find(
    group: string,
    serves: (request: InFlightRequest<Subject, Answer>) => boolean,
  ): InFlightRequest<Subject, Answer> | null {
    for (const request of this.#groups.get(group) ?? []) if (serves(request)) return request;
    return null;
  }

  /** Starts a request in the group. It is to be joined at once. */
  start(
    group: string,
    subject: Subject,
    run: (run: Run) => Promise<Answer>,
  ): InFlightRequest<Subject, Answer> {
    const request: OpenRequest<Subject, Answer> = new OpenRequest(subject, run, () =>
      this.#close(group, request),
    );
    const others = this.#groups.get(group);
    if (others === undefined) this.#groups.set(group, [request]);
    else others.push(request);
    return request;
  }

  /** Nobody joins the request any more. */
  #close(group: string, request: OpenRequest<Subject, Answer>): void {
    const requests = this.#groups.get(group);
    const index = requests?.indexOf(request) ?? -1;
    if (requests === undefined || index === -1) return;
    // Also the last one: what a map of V8 has left behind may hold the array for long (see `Deadlines`).
    requests.splice(index, 1);
    if (requests.length === 0) this.#groups.delete(group);
  }
}

class OpenRequest<Subject, Answer> implements InFlightRequest<Subject, Answer>, Run {
  readonly subject: Subject;
  readonly signal = new Abandoning();
  readonly #answer: Promise<Answer>;
  readonly #close: () => void;
  #askedSeq: Seq | null = null;
  #waiting = 0;

  constructor(subject: Subject, run: (run: Run) => Promise<Answer>, close: () => void) {
    this.subject = subject;
    this.#close = close;
    this.#answer = run(this);
    this.#answer.then(close, close);
  }

  get askedSeq(): Seq | null {
    return this.#askedSeq;
  }

  sent(askedSeq: Seq): void {
    this.#askedSeq = askedSeq;
  }

  join(signal: Abandonment | undefined): Promise<Answer> {
    this.#waiting += 1;
    if (signal === undefined) return this.#answer;
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#leave(signal.reason);
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort);
      this.#answer.then(
        (answer) => {
          signal.removeEventListener('abort', onAbort);
          resolve(answer);
        },
        (error) => {
          signal.removeEventListener('abort', onAbort);
          reject(error);
        },
      );
    });
  }

  #leave(reason: unknown): void {
    this.#waiting -= 1;
    if (this.#waiting > 0) return;
    // Whoever comes now must not join what is about to be aborted.
    this.#close();
    this.signal.abort(reason);
  }
}
