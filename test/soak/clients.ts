import { setTimeout } from 'node:timers/promises';
import { Agent } from 'undici';
import type { Answer } from '../support/create-test-gateway.ts';
import { openStreamAt } from '../support/event-stream.ts';
import type { SeenJob, Sight, Truth } from './truth.ts';

/** What any answer may say while upstream is in trouble. */
const EXPECTED_CODES = new Set([
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_INVALID_RESPONSE',
  'GATEWAY_TIMEOUT',
  'RATE_LIMITED',
  'OVERLOADED',
]);

/** So long an answer may take: the operation's own deadline, and what a busy machine adds. */
const MAX_DURATION_MS = 5000 + 5000;

const FIELDS = 'qrn shots';
const WALK = `query ($after: String) { jobs(first: 30, after: $after) { nodes { qrn } pageInfo { hasNextPage endCursor } } }`;

export interface Clients {
  /** How many answers had data, and how many of these were marked as stale. */
  readonly counts: { answered: number; stale: number; failed: number; aborted: number; events: number };
  /** Upstream accepts all keys again: what was told of refusals says nothing any more. */
  forgetRefusals(): void;
  readJob(key: string, index: number): Promise<void>;
  readList(key: string): Promise<void>;
  readTeam(keys: readonly string[]): Promise<void>;
  walk(key: string): Promise<void>;
  leave(key: string): Promise<void>;
  /** Watches some jobs of a key until `signal` aborts. Gives what it was told last of each. */
  watchJobs(key: string, qrns: readonly string[], signal: AbortSignal): ReadonlyMap<string, number>;
  watchList(key: string, signal: AbortSignal): void;
  /** Closes all connections. */
  close(): Promise<void>;
}

/** Makes clients of the gateway at this address, whose answers the truth judges. */
export function createClients(url: string, truth: Truth, isRevoked: (key: string) => boolean): Clients {
  // Its connections can be closed at the end, unlike those of the global one.
  const agent = new Agent();
  const send = (at: string, init: RequestInit) => fetch(at, { ...init, dispatcher: agent } as RequestInit);
  const counts = { answered: 0, stale: 0, failed: 0, aborted: 0, events: 0 };
  /** The first page may be old: only what was there from the beginning must be on it. */
  const initial = new Map(Object.keys(truth.lists).map((key) => [key, truth.namesOf(key)]));
  const refusals = new Map<string, object>();

  async function ask(
    keys: readonly string[],
    query: string,
    variables: object = {},
    signal: AbortSignal | null = null,
  ): Promise<{ readonly answer: Answer; readonly sight: Sight }> {
    const startedAtMs = performance.now();
    const refusal = refusalOf(keys);
    const response = await send(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-keys': keys.map((key) => `${key}=${key}`).join(),
      },
      body: JSON.stringify({ query, variables }),
      signal,
    });
    const answer = (await response.json()) as Answer;
    const endedAtMs = performance.now();
    if (endedAtMs - startedAtMs > MAX_DURATION_MS) {
      truth.faults.push(`${query} took ${Math.round(endedAtMs - startedAtMs)} ms`);
    }
    judgeErrors(keys, answer, refusal !== null && refusal === refusalOf(keys));
    noteRefusal(keys, answer);
    return { answer, sight: { startedAtMs, endedAtMs, isStale: answer.extensions?.['stale'] === true } };
  }

  function judgeErrors(keys: readonly string[], { data, errors = [] }: Answer, wasRefused: boolean): void {
    const isRefused = errors.some(({ extensions }) => extensions.code === 'UNAUTHENTICATED');
    for (const { extensions } of errors) {
      const isExpected = EXPECTED_CODES.has(extensions.code) || (isRefused && keys.includes('revoked'));
      if (!isExpected) truth.faults.push(`${keys} got ${extensions.code}`);
    }
    const isEmpty = data == null || Object.values(data).every((value) => value === null);
    if (wasRefused && !isEmpty) truth.faults.push(`${keys} saw data after it was refused`);
    counts[isEmpty ? 'failed' : 'answered'] += 1;
  }

  function noteRefusal([key = '', ...others]: readonly string[], { errors = [] }: Answer): void {
    const isRefused = errors.some(({ extensions }) => extensions.code === 'UNAUTHENTICATED');
    if (isRefused && others.length === 0 && isRevoked(key) && !refusals.has(key)) refusals.set(key, {});
  }

  /** Whether a key is revoked and was told so, since when: null where it is not. */
  const refusalOf = ([key = '', ...others]: readonly string[]) =>
    (others.length === 0 && refusals.get(key)) || null;

  const judge = (keys: readonly string[], jobs: readonly (SeenJob | null)[], sight: Sight) => {
    if (sight.isStale) counts.stale += 1;
    truth.judgeJobs(
      keys,
      jobs.filter((job) => job !== null),
      sight,
    );
  };

  async function readPages(key: string): Promise<readonly string[] | null> {
    const seen: string[] = [];
    for (let after: string | null = null, tries = 0; tries < 20; ) {
      const { answer } = await ask([key], WALK, { after });
      const page = answer.data?.jobs;
      if (page == null) {
        tries += 1;
        await setTimeout(200);
        continue;
      }
      seen.push(...page.nodes.map(({ qrn }: SeenJob) => qrn));
      if (!page.pageInfo.hasNextPage) return seen;
      after = page.pageInfo.endCursor;
    }
    return null;
  }

  /** Reads a stream again and again, as clients do that subscribe anew when one ends. */
  async function follow(
    key: string,
    query: string,
    variables: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
    onEvent: (answer: Answer) => void,
  ): Promise<void> {
    while (!signal.aborted) {
      try {
        const stream = await openStreamAt(url, query, { keys: `${key}=${key}`, variables }, send);
        signal.addEventListener('abort', stream.cut, { once: true });
        for (let answer = await stream.next(); answer !== null; answer = await stream.next()) {
          counts.events += 1;
          onEvent(answer);
        }
      } catch {
        // Cut, or refused while upstream is in trouble.
      }
      await setTimeout(100);
    }
  }

  return {
    counts,
    forgetRefusals: () => refusals.clear(),
    async readJob(key, index) {
      const names = truth.namesOf(key);
      const qrn = names[index % names.length] ?? '';
      const { answer, sight } = await ask([key], `query ($qrn: String!) { job(qrn: $qrn) { ${FIELDS} } }`, {
        qrn,
      });
      judge([key], [answer.data?.job ?? null], sight);
    },
    async readList(key) {
      const { answer, sight } = await ask([key], `{ jobs(first: 20) { totalCount nodes { ${FIELDS} } } }`);
      const list = answer.data?.jobs;
      if (list == null) return;
      judge([key], list.nodes, sight);
      truth.judgePage(
        key,
        list.nodes.map(({ qrn }: SeenJob) => qrn),
        list.totalCount,
      );
    },
    async readTeam(keys) {
      const { answer, sight } = await ask(
        keys,
        `{ jobs(first: 40) { nodes { ${FIELDS} } sources { key totalCount error { code } } } }`,
      );
      const list = answer.data?.jobs;
      if (list == null) return;
      judge(keys, list.nodes, sight);
      for (const { key, totalCount, error } of list.sources) {
        const own = list.nodes
          .map(({ qrn }: SeenJob) => qrn)
          .filter((qrn: string) => qrn.startsWith(`${key}:`));
        if (error === null) truth.judgePage(key, own, totalCount);
        // Another key answered: then the failure is data, and is not repeated in `errors`.
        else if (own.length > 0 || answer.errors?.some(({ extensions }) => extensions['key'] === key)) {
          truth.faults.push(`${key} failed, but has jobs or is told twice`);
        }
      }
    },
    async walk(key) {
      const seen = await readPages(key);
      if (seen !== null) truth.judgeWalk(key, seen, initial.get(key) ?? []);
    },
    async leave(key) {
      const patience = AbortSignal.timeout(20 + Math.floor(Math.random() * 100));
      await ask([key], `{ jobs(first: 100) { nodes { ${FIELDS} } } }`, {}, patience).catch(() => {
        counts.aborted += 1;
      });
    },
    watchJobs(key, qrns, signal) {
      const told = new Map<string, number>();
      const query = `subscription ($qrns: [String!]!) { jobUpdated(qrns: $qrns) { ${FIELDS} } }`;
      void follow(key, query, { qrns }, signal, ({ data }) => {
        const job: SeenJob | undefined = data?.jobUpdated;
        if (job === undefined) return;
        const before = told.get(job.qrn) ?? 0;
        if (job.shots < before) truth.faults.push(`${job.qrn} was told as ${job.shots} after ${before}`);
        told.set(job.qrn, job.shots);
      });
      return told;
    },
    watchList(key, signal) {
      const query = `subscription { jobsChanged(first: 20) { totalCount nodes { ${FIELDS} } } }`;
      void follow(key, query, {}, signal, ({ data }) => {
        const list = data?.jobsChanged;
        if (list == null) return;
        truth.judgePage(
          key,
          list.nodes.map(({ qrn }: SeenJob) => qrn),
          list.totalCount,
        );
      });
    },
    close: () => agent.close(),
  };
}
