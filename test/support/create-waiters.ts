/** Those who wait for something to come true. */
export interface Waiters {
  /** Lets everybody look again. */
  tell(): void;
  /** Resolves once a condition holds, which is looked at now and at each `tell`. */
  until(isReached: () => boolean): Promise<void>;
}

/** Makes the waiters of one server. */
export function createWaiters(): Waiters {
  const waiters = new Set<() => void>();
  return {
    tell() {
      for (const wake of [...waiters]) wake();
    },
    until: (isReached) =>
      new Promise((resolve) => {
        const wake = () => {
          if (!isReached()) return;
          waiters.delete(wake);
          resolve();
        };
        waiters.add(wake);
        wake();
      }),
  };
}
