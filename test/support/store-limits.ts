/** What a client address may send and how much may be under way in tests: no limit of it. */
export const ADMISSION_LIMITS = {
  inFlight: { total: Number.POSITIVE_INFINITY, perKey: Number.POSITIVE_INFINITY },
  maxRefusedKeys: 30,
};

/** What a store may keep and send in tests, unless a test is about that. */
export const STORE_LIMITS = {
  ...ADMISSION_LIMITS,
  freshness: { activeMs: 2000, terminalMs: 300_000, holdMs: 60_000 },
  budget: { requests: 1000, windowMs: 900_000 },
  cache: { maxEntries: 1000, maxBytes: 10_000_000 },
  staleIfErrorMs: 0,
};
