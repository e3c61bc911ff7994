import { Client, fetchExchange, gql } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hasGap } from '../../clients/src/list/has-gap.ts';
import { createCacheOptions, createSseExchange } from '../../clients/src/urql.ts';
import { aJob } from '../support/job-builder.ts';
import { jobService } from '../support/job-service.ts';
import { startTestGateway } from '../support/start-test-gateway.ts';

const LIST = `{
  edges { cursor node { id qrn status } }
  pageInfo { hasNextPage endCursor }
  totalCount
  sources { key error { code } }
}`;
const JOBS = gql<ShownJobs>(
  `query ($first: Int, $after: String) { jobs(first: $first, after: $after) ${LIST} }`,
);
const LIVE_JOBS = gql(`subscription ($first: Int) { jobsChanged(first: $first) ${LIST} }`);

interface ShownJobs {
  readonly jobs: {
    readonly edges: readonly { readonly cursor: string; readonly node: { readonly qrn: string } }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

describe('urql, with the exchange and the options of its cache,', () => {
  test('shows a list that goes on growing at its head while the user has scrolled, with no job lost', async (context) => {
    const jobs = Array.from({ length: 9 }, (_, index) => jobOf(9 - index));
    const gateway = await startTestGateway(
      context,
      (request) => jobService({ 'alice-key': jobs })(request),
      FAST,
    );
    const client = openClient(gateway.url);
    let shown: ShownJobs['jobs'] | null = null;
    const names = () => shown?.edges.map(({ node }) => node.qrn.split(':').at(-1));
    watch(client.query(JOBS, { first: 3 }), ({ data }) => {
      shown = data?.jobs ?? null;
    });
    const readOn = () =>
      client.query(JOBS, { first: 3, after: shown?.pageInfo.endCursor ?? null }).toPromise();
    await expect.poll(names, { timeout: PATIENCE_MS }).toEqual(['9', '8', '7']);
    await readOn();
    watch(client.subscription(LIVE_JOBS, { first: 3 }), () => {});

    jobs.unshift(...[14, 13, 12, 11, 10].map(jobOf));
    await expect
      .poll(names, { timeout: PATIENCE_MS })
      .toEqual(['14', '13', '12', '9', '8', '7', '6', '5', '4']);
    expect(hasGap(shown ?? NOTHING)).toBe(true);
    await readOn();
    expect(names()).toEqual(['14', '13', '12', '11', '10', '9', '8', '7', '6', '5', '4']);
    expect(hasGap(shown ?? NOTHING)).toBe(false);
    await readOn();
    expect(names()?.at(-1)).toBe('1');
    expect(shown ?? NOTHING).toMatchObject({ pageInfo: { hasNextPage: false } });
  });
});

const NOTHING: ShownJobs['jobs'] = { edges: [], pageInfo: { hasNextPage: false, endCursor: null } };
/** Less than a test has, so that a failure tells what was waited for. */
const PATIENCE_MS = 30_000;
const FAST = { WATCH_MIN_INTERVAL_MS: '100', WATCH_MAX_INTERVAL_MS: '100', FRESH_ACTIVE_MS: '0' };

function openClient(url: string): Client {
  const headers = { 'x-api-key': 'alice-key' };
  return new Client({
    url,
    preferGetMethod: false,
    fetchOptions: { headers },
    exchanges: [cacheExchange(createCacheOptions()), fetchExchange, createSseExchange({ url, headers })],
  });
}

/** Reads until the end of the test. */
function watch<Result>(
  source: { subscribe(next: (result: Result) => void): { unsubscribe(): void } },
  next: (result: Result) => void,
) {
  const { unsubscribe } = source.subscribe(next);
  onTestFinished(unsubscribe);
}

function jobOf(number: number) {
  const createdAt = new Date(Date.UTC(2026, 0, 14) + number * 1000).toISOString();
  return aJob(`qbraid:job:${number}`, { timeStamps: { createdAt } });
}
