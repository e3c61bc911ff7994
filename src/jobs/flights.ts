/** Requests under way, each shared by all who want the same at the same time. */
export interface Flights {
  /**
   * Joins the flight called `id`, or starts it. One who leaves, by `signal`, gets its abort reason and stops nothing
   * for the others; when the last one leaves, the flight's own signal aborts.
   *
   * @param start may throw: then nothing was under way.
   */
  share<T>(
    id: string,
    signal: AbortSignal | undefined,
    start: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
}

interface Flight {
  readonly landing: Promise<unknown>;
  readonly controller: AbortController;
  passengers: number;
}

/** Makes a register of flights. Equal ids must stand for equal results: the owner of what is read is a part of them. */
export function createFlights(): Flights {
  const flights = new Map<string, Flight>();

  function takeOff(id: string, start: (signal: AbortSignal) => Promise<unknown>): Flight {
    const controller = new AbortController();
    const landing = start(controller.signal);
    const flight = { landing, controller, passengers: 0 };
    flights.set(id, flight);
    const clear = () => {
      if (flights.get(id) === flight) flights.delete(id);
    };
    landing.then(clear, clear);
    return flight;
  }

  function leave(id: string, flight: Flight, reason: unknown): void {
    flight.passengers -= 1;
    if (flight.passengers > 0) return;
    // Whoever comes now must not board what is about to be given up.
    if (flights.get(id) === flight) flights.delete(id);
    flight.controller.abort(reason);
  }

  return {
    async share<T>(id: string, signal: AbortSignal | undefined, start: (signal: AbortSignal) => Promise<T>) {
      signal?.throwIfAborted();
      const flight = flights.get(id) ?? takeOff(id, start);
      flight.passengers += 1;
      const landing = flight.landing as Promise<T>;
      if (signal === undefined) return landing;

      return new Promise<T>((resolve, reject) => {
        const onAbort = () => {
          leave(id, flight, signal.reason);
          reject(signal.reason);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        const stay = () => signal.removeEventListener('abort', onAbort);
        landing.then(resolve, reject).finally(stay);
      });
    },
  };
}
