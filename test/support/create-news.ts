import type { ApiKey } from '../../src/auth/api-key.ts';
import type { JobStore } from '../../src/store/job-store.ts';

/** The news of a store, which come when the test says so. */
export interface News {
  readonly onNews: JobStore['onNews'];
  /** Tells whoever listens to the news of the key. */
  tell(key: ApiKey): void;
  /** How many listen, to the news of all keys together. */
  readonly listening: number;
}

export function createNews(): News {
  const listeners = new Set<{ readonly fingerprint: string; readonly listener: () => void }>();
  return {
    onNews({ fingerprint }, listener) {
      const entry = { fingerprint, listener };
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    tell({ fingerprint }) {
      for (const entry of [...listeners]) if (entry.fingerprint === fingerprint) entry.listener();
    },
    get listening() {
      return listeners.size;
    },
  };
}
