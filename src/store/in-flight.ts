/** Requests under way, each shared by all whom its answer serves. */
export interface InFlight<Subject, Answer> {
  /**
   * Joins a flight of the group that serves what is wanted, or starts one. One who leaves, by `signal`, gets its abort
   * reason and stops nothing for the others; when the last one leaves, the flight's own signal aborts.
   *
   * @param group who owns the answer, as part of what it is: no flight is ever shared between two groups.
   * @param start may throw: then nothing was under way, and only the caller hears of it.
   */
  share(
    group: string,
    wanted: Subject,
    signal: AbortSignal | undefined,
    start: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer>;
}

interface Flight<Subject, Answer> {
  readonly subject: Subject;
  readonly landing: Promise<Answer>;
  readonly controller: AbortController;
  passengers: number;
}

/** Makes a register of inFlight. `serves` tells whether the answer about one subject holds that about another. */
export function createInFlight<Subject, Answer>(
  serves: (underWay: Subject, wanted: Subject) => boolean,
): InFlight<Subject, Answer> {
  const groups = new Map<string, Set<Flight<Subject, Answer>>>();

  function find(group: string, wanted: Subject): Flight<Subject, Answer> | undefined {
    for (const flight of groups.get(group) ?? []) if (serves(flight.subject, wanted)) return flight;
    return undefined;
  }

  function takeOff(
    group: string,
    subject: Subject,
    start: (signal: AbortSignal) => Promise<Answer>,
  ): Flight<Subject, Answer> {
    const controller = new AbortController();
    const landing = start(controller.signal);
    const flight = { subject, landing, controller, passengers: 0 };
    groups.set(group, (groups.get(group) ?? new Set()).add(flight));
    const land = () => strike(group, flight);
    landing.then(land, land);
    return flight;
  }

  function strike(group: string, flight: Flight<Subject, Answer>): void {
    const inFlight = groups.get(group);
    inFlight?.delete(flight);
    if (inFlight?.size === 0) groups.delete(group);
  }

  function leave(group: string, flight: Flight<Subject, Answer>, reason: unknown): void {
    flight.passengers -= 1;
    if (flight.passengers > 0) return;
    // Whoever comes now must not board what is about to be given up.
    strike(group, flight);
    flight.controller.abort(reason);
  }

  return {
    async share(group, wanted, signal, start) {
      signal?.throwIfAborted();
      const flight = find(group, wanted) ?? takeOff(group, wanted, start);
      flight.passengers += 1;
      if (signal === undefined) return flight.landing;

      return new Promise((resolve, reject) => {
        const onAbort = () => {
          leave(group, flight, signal.reason);
          reject(signal.reason);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        const stay = () => signal.removeEventListener('abort', onAbort);
        flight.landing.then(resolve, reject).finally(stay);
      });
    },
  };
}
