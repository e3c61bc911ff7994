import { NEVER } from '../../src/jobs/seq.ts';
import { KeyAccount } from '../../src/store/admission/key-account.ts';
import { OperationBudget } from '../../src/store/admission/operation-budget.ts';
import type { ReadScope } from '../../src/store/read-scope.ts';

export const WINDOW_MS = 900_000;

/** An account at time 0 with so many requests in 15 minutes. Its waits end as late as they may unless `random` says so. */
export function anAccount({ requests = 1000, random = 1 } = {}): KeyAccount {
  let partitions = 0;
  return new KeyAccount({
    fingerprint: 'f',
    limits: { requests, windowMs: WINDOW_MS },
    newPartition: () => {
      partitions += 1;
      return partitions;
    },
    random: () => random,
  });
}

/** What an ordinary operation asks of its reads; `fields` replace its own. */
export function aScope(fields: Partial<ReadScope> = {}): ReadScope {
  return {
    startedSeq: NEVER,
    mustBeFresh: false,
    operationBudget: new OperationBudget(1000),
    client: '',
    deadline: undefined,
    markStale() {},
    ...fields,
  };
}
