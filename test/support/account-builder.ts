import { ApiKey } from '../../src/auth/api-key.ts';
import { NEVER } from '../../src/jobs/seq.ts';
import { KeyAccount } from '../../src/store/admission/key-account.ts';
import { OperationBudget } from '../../src/store/admission/operation-budget.ts';
import type { PendingRequest } from '../../src/store/admission/upstream-port.ts';
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

/** A request of this account for a subject that has no parts; `fields` replace its own. */
export function aPendingRequest<T>(
  account: KeyAccount,
  fields: Partial<PendingRequest<T>> = {},
): PendingRequest<T> {
  const { subject = 'subject' } = fields;
  return {
    key: new ApiKey('alice'),
    account,
    client: '192.0.2.1',
    subject,
    about: { resource: 'job', what: subject, group: subject, span: { start: 0, end: 1 } },
    since: NEVER,
    isFirst: true,
    mayUseReserve: false,
    lookup: () => null,
    signal: new AbortController().signal,
    ...fields,
  };
}
