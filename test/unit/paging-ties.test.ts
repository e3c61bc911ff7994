import { expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import { isFailure } from '../../src/jobs/failures.ts';
import type { ListPage } from '../../src/jobs/list-page.ts';
import { toSeq } from '../../src/jobs/seq.ts';
import { readConnection } from '../../src/paging/read-connection.ts';
import { theJob } from '../support/open-caches.ts';
import { stampAt } from '../support/stamp.ts';

/** All orders of some names. */
const ordersOf = (names: readonly string[]): string[][] =>
  names.length < 2
    ? [[...names]]
    : names.flatMap((name) =>
        ordersOf(names.filter((other) => other !== name)).map((rest) => [name, ...rest]),
      );

/** All choices of some names. */
const choicesOf = ([name, ...others]: readonly string[]): string[][] =>
  name === undefined ? [[]] : choicesOf(others).flatMap((rest) => [rest, [name, ...rest]]);

const LISTS = choicesOf(['a:1', 'a:2', 'a:3']).flatMap(ordersOf);
const TEAM = ['alice', 'bob'].map((label) => ({ label, key: new ApiKey(`${label}-key`) }));

/** Walks through the merged list of two keys, whose jobs were all created at the same moment, from one end to the other. */
async function walk(lists: readonly (readonly string[])[], isForward: boolean, size: number) {
  let seq = 1;
  const readPage = (names: readonly string[]) => async (request: { page: number; limit: number }) => {
    const { page, limit } = request;
    seq += 2;
    const fetched = stampAt(seq);
    const items = names.slice((page - 1) * limit, page * limit).map((identity) => ({
      identity,
      isNamed: true,
      job: { job: { ...theJob(identity), createdAt: new Date(0) }, fetched },
    }));
    const read = { askedSeq: toSeq(seq), readSeq: toSeq(seq + 1), fetched, isStale: false };
    return { items, total: names.length, ...read } as unknown as ListPage;
  };
  const seen: string[] = [];
  for (let cursor: string | null = null, hasMore = true; hasMore && seen.length < 20; ) {
    const page = isForward ? { first: size, after: cursor } : { last: size, before: cursor };
    const options = {
      page,
      jobs: { credentials: TEAM, filter: {} },
      wants: { jobs: true, neighbours: true },
    };
    const view = await readConnection(
      (credential) => readPage(lists[TEAM.indexOf(credential as never)] ?? []),
      options as never,
    );
    seen.push(...view.edges.map(({ node }) => (isFailure(node) ? '' : node.job.qrn)));
    cursor = view.edges.at(isForward ? -1 : 0)?.cursor() ?? null;
    hasMore = (isForward ? view.hasNextPage : view.hasPreviousPage) && cursor !== null;
  }
  return seen;
}

test.each([
  ['forward', true],
  ['backward', false],
])(
  '%s, no job of two lists is lost, whatever their orders: all jobs are of one moment',
  async (_, isForward) => {
    const lost: string[] = [];
    for (const alice of LISTS) {
      for (const bob of LISTS) {
        for (const size of [1, 2]) {
          const seen = await walk([alice, bob], isForward, size);
          const missing = [...new Set([...alice, ...bob])].filter((name) => !seen.includes(name));
          if (missing.length > 0) lost.push(`${alice} and ${bob}, ${size} at a time: ${missing}`);
        }
      }
    }
    expect(lost).toEqual([]);
  },
);
