import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { OperationPlan } from '../../src/graphql/plan/operation-plan.ts';
import { createTestGateway, type TestGateway } from '../support/create-test-gateway.ts';
import { openStream } from '../support/event-stream.ts';
import { aJob, someJobs } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';
import { passTime, settled } from '../support/pass-time.ts';

const LIST = 'subscription { jobsChanged(first: 2) { totalCount nodes { qrn queuePosition } } }';
const JOBS = 'subscription ($qrns: [String!]!) { jobUpdated(qrns: $qrns) { qrn queuePosition } }';
const INTERVAL_MS = 2000;

/** Counts the executions of plans from now on, until the test ends. */
function countExecutions() {
  const { prepare } = OperationPlan.prototype;
  const counts = { executions: 0 };
  const seen = new WeakSet<object>();
  OperationPlan.prototype.prepare = function count(variables) {
    const run = prepare.call(this, variables);
    if (run === null || seen.has(run.plan)) return run;
    seen.add(run.plan);
    const { write } = run.plan;
    Object.assign(run.plan, {
      write: (...args: Parameters<typeof write>) => {
        counts.executions += 1;
        return write(...args);
      },
    });
    return run;
  };
  return { counts, restore: () => Object.assign(OperationPlan.prototype, { prepare }) };
}

/** Streams over jobs of `alice-key` and `bob-key` whose first states were read, and what changes all jobs. */
async function openStreams(requests: readonly { query: string; key?: string; qrns?: readonly string[] }[]) {
  const lists = { 'alice-key': someJobs(2), 'bob-key': someJobs(2) };
  const { counts, restore } = countExecutions();
  const gateway = await createTestGateway(jobService(lists));
  const streams = await Promise.all(
    requests.map(({ query, key = 'alice-key', qrns }) =>
      openStream(gateway, query, { key, variables: qrns === undefined ? {} : { qrns } }),
    ),
  );
  for (const [index, stream] of streams.entries()) {
    await stream.next();
    if (requests[index]?.qrns?.length === 2) await stream.next();
  }
  restore();
  counts.executions = 0;
  const change = async (queuePosition: number) => {
    for (const jobs of Object.values(lists)) {
      for (const [index, { jobQrn }] of jobs.entries()) jobs[index] = aJob(String(jobQrn), { queuePosition });
    }
    await passTime(gateway, INTERVAL_MS);
    await settle(gateway);
  };
  return { gateway, streams, counts, change, lists };
}

async function settle(gateway: TestGateway): Promise<void> {
  await settled(gateway);
  for (let turns = 0; turns < 50; turns += 1) await setImmediate();
}

const times = <T>(count: number, value: T) => Array.from({ length: count }, () => value);

describe('an update of a list', () => {
  test('that many equal streams show is executed once', async () => {
    const { streams, counts, change } = await openStreams(times(10, { query: LIST }));

    const nexts = Promise.all(streams.map((stream) => stream.next()));
    await change(7);

    const page = await nexts;
    expect(page.map((answer) => answer?.data.jobsChanged.nodes[0].queuePosition)).toEqual(times(10, 7));
    expect(counts.executions).toBe(1);
  });

  test.each([
    ['keys', [{ query: LIST }, { query: LIST, key: 'bob-key' }]],
    ['documents', [{ query: LIST }, { query: LIST.replace('totalCount', '') }]],
  ])('is executed for each of the %s', async (_, requests) => {
    const { streams, counts, change } = await openStreams([...requests, ...requests]);

    const nexts = Promise.all(streams.map((stream) => stream.next()));
    await change(7);
    await nexts;

    expect(counts.executions).toBe(requests.length);
  });

  test('reaches a slow reader as it is by then, and holds up nobody', async () => {
    const { streams, change } = await openStreams(times(3, { query: LIST }));
    const [slow, ...quick] = streams;
    const seen: number[] = [];
    for (const queuePosition of [1, 2, 3, 4]) {
      const nexts = Promise.all(quick.map((stream) => stream.next()));
      await change(queuePosition);
      for (const answer of await nexts) seen.push(answer?.data.jobsChanged.nodes[0].queuePosition);
    }

    let last = 0;
    for (let next = 0; next < 4 && last < 4; next += 1) {
      last = (await slow?.next())?.data.jobsChanged.nodes[0].queuePosition;
    }

    expect(seen).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
    expect(last).toBe(4);
  });
});

describe('the updates of jobs', () => {
  const qrns = someJobs(2).map(({ jobQrn }) => String(jobQrn));

  test('that many equal streams show are executed once each', async () => {
    const { streams, counts, change } = await openStreams(times(10, { query: JOBS, qrns }));

    const nexts = Promise.all(streams.map(async (stream) => [await stream.next(), await stream.next()]));
    await change(7);

    const positions = (await nexts).flat().map((answer) => answer?.data.jobUpdated.queuePosition);
    expect(positions).toEqual(times(20, 7));
    expect(counts.executions).toBe(2);
  });

  test('are executed for each of the variables', async () => {
    const [first = ''] = qrns;
    const requests = [
      { query: JOBS, qrns },
      { query: JOBS, qrns: [first] },
    ];
    const { streams, counts, change } = await openStreams([...requests, ...requests]);

    const nexts = Promise.all(streams.map((stream) => stream.next()));
    await change(7);
    await nexts;

    expect(counts.executions).toBe(3);
  });
});

describe('what streams share', () => {
  test('is shown to nobody once its key is refused', async () => {
    const lists = { 'alice-key': someJobs(2), 'bob-key': [] };
    const refused = { isOn: false };
    const script = jobService(lists);
    const gateway = await createTestGateway((request) =>
      refused.isOn && request.key === 'alice-key' ? { status: 401 } : script(request),
    );
    const streams = await Promise.all(times(3, LIST).map((query) => openStream(gateway, query)));
    const [first, ...others] = streams;
    await settle(gateway);
    await first?.next();

    refused.isOn = true;
    await passTime(gateway, INTERVAL_MS);
    await settle(gateway);
    const later = await openStream(gateway, LIST);
    const events = await Promise.all([...others, later].map((stream) => stream.rest()));

    const ends = events.map((answers) => answers.at(-1)?.errors?.[0]?.extensions.code);
    expect(ends).toEqual(times(3, 'UNAUTHENTICATED'));
    expect(events.at(-1)?.map(({ data }) => data)).toEqual([null]);
  });

  test('is not what fails in one stream', async () => {
    const [known = ''] = someJobs(1).map(({ jobQrn }) => String(jobQrn));
    const gateway = await createTestGateway(jobService({ 'alice-key': someJobs(1) }));
    const open = (qrns: readonly string[]) => openStream(gateway, JOBS, { variables: { qrns } });
    const streams = [await open([known, 'qbraid:job:none']), await open([known]), await open([known])];

    const [mixed, ...plain] = await Promise.all(streams.map((stream) => stream.next()));
    const failed = await streams[0]?.next();

    const ofMixed = [mixed, failed].map((answer) => answer?.errors?.[0]?.extensions.code ?? 'none');
    expect(ofMixed.toSorted()).toEqual(['NOT_FOUND', 'none']);
    expect(plain.map((answer) => answer?.data.jobUpdated.qrn)).toEqual([known, known]);
    expect(plain.flatMap((answer) => answer?.errors ?? [])).toEqual([]);
  });
});
