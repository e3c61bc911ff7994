import { expect, test } from 'vitest';
import { ApiKey } from '../../src/auth/api-key.ts';
import type { ReadPage } from '../../src/jobs/list-page.ts';
import { latest, type Seq, toSeq } from '../../src/jobs/seq.ts';
import type { PageArguments } from '../../src/paging/page-window.ts';
import { readConnection } from '../../src/paging/read-connection.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { ChangingList, type ListedJob } from '../support/changing-list.ts';

const jobs = Array.from(
  { length: 400 },
  (_, rank): ListedJob => ({ name: `q:${rank}`, rank, createdAtMs: 1e12 - rank * 1000, fault: 'none' }),
);

/** What was asked of a key's list, and when it was read. */
interface AskedPage {
  readonly label: string;
  readonly since: Seq;
  readonly readSeq: Seq;
}

/** A client of lists whose pages are asked for and read at seqs of their own. */
function openLists(labels: readonly string[] = ['alice']) {
  const list = new ChangingList(jobs);
  const asked: AskedPage[] = [];
  const down = new Set<string>();
  let seq = 0;
  const readPageOf = ({ label }: { readonly label: string }): ReadPage => {
    return async (number, since) => {
      if (down.has(label)) throw new UpstreamError('unavailable', 'The qBraid API is down.');
      const askedSeq = toSeq(++seq);
      await Promise.resolve();
      const readSeq = toSeq(++seq);
      asked.push({ label, since, readSeq });
      return { ...list.page(number), askedSeq, readSeq };
    };
  };
  const credentials = labels.map((label) => ({ label, key: new ApiKey(label) }));
  return {
    list,
    asked,
    down,
    read: (page: PageArguments, wants = { jobs: true, neighbours: true }) =>
      readConnection(
        { readPageOf, lastSeen: () => null },
        { page, jobs: { credentials, filter: {} }, wants },
      ),
  };
}

const lastReadOf = (pages: readonly AskedPage[]) => latest(...pages.map(({ readSeq }) => readSeq));

const sincesOf = (pages: readonly AskedPage[]) => [...new Set(pages.map(({ since }) => since))];

test('the first pages behind a cursor are newer than the cursor, and later ones than all before them', async () => {
  const { asked, read, list } = openLists();
  const { edges } = await read({ first: 200 });
  const cursorSeq = lastReadOf(asked.splice(0));
  for (const job of list.present.slice(0, 120)) list.leave(job);

  await read({ first: 150, after: edges.at(-1)?.cursor() });

  const [first, ...later] = sincesOf(asked);
  expect(first).toBe(cursorSeq);
  expect(later.length).toBeGreaterThan(0);
  for (const since of later) {
    expect(since).toBe(lastReadOf(asked.filter((page) => page.since < since)));
  }
});

test.each([
  ['a page', { jobs: true, neighbours: true }],
  ['the neighbours of a page', { jobs: false, neighbours: true }],
  ['the number of jobs', { jobs: false, neighbours: false }],
])('%s between two cursors is newer than the newer of them', async (_, wants) => {
  const { asked, read } = openLists();
  const older = await read({ first: 1 });
  const newer = await read({ first: 9 });
  const newerSeq = lastReadOf(asked.splice(0));

  await read({ after: older.edges[0]?.cursor(), before: newer.edges[8]?.cursor() }, wants);

  expect(sincesOf(asked)).toEqual([newerSeq]);
});

test('a cursor is as new as the number of jobs of a key that has no job for its page', async () => {
  const { asked, read, down } = openLists(['alice', 'bob']);
  down.add('bob');
  const { edges } = await read({ last: 2 });
  down.clear();
  const rest = await read({ after: edges[0]?.cursor() });
  const readSeq = lastReadOf(asked.splice(0).filter(({ label }) => label === 'bob'));

  await read({ after: rest.edges[0]?.cursor() });

  expect(sincesOf(asked.filter(({ label }) => label === 'bob'))[0]).toEqual(readSeq);
});
