import { describe, expect, test } from 'vitest';
import type { Job } from '../../src/upstream/job.ts';
import { UpstreamError } from '../../src/upstream/upstream-error.ts';
import { ALL, notFound, openCaches, PARTITION, printPage, theJob } from '../support/open-caches.ts';

const theJobs = (...qrns: readonly string[]): Job[] => qrns.map((qrn) => theJob(qrn));

const pageOf = (count: number, prefix: string) =>
  theJobs(...Array.from({ length: count }, (_, index) => `${prefix}:${index}`));

const firstTen = { start: 0, end: 10 };

describe('a page is outdated by one that was asked for later', () => {
  const wide = { start: 0, end: 10 };
  const before = ['a:0', 'a:1', 'a:2'];
  test.each([
    ['which tells of other jobs in its places', ['new', 'a:0'], { limit: 2, total: 4 }, true],
    ['which tells of another length of the list', ['a:0', 'a:1'], { limit: 2, total: 4 }, true],
    ['but not by one that tells the same', ['a:0', 'a:1'], { limit: 2, total: 3 }, false],
    ['nor by one of other places', [], { page: 2, limit: 10, total: 3 }, false],
    ['unless that tells of another length of the list', [], { page: 2, limit: 10, total: 4 }, true],
  ])('%s', (_, names, options, expected) => {
    const { pages, keepPage } = openCaches();
    keepPage(theJobs(...before), { total: 3 });
    keepPage(theJobs(...names), options);
    expect(pages.lookup(PARTITION, ALL, wide)?.isOutdated).toBe(expected);
  });

  test('nor by one that shows its jobs in other states: these are shown as they are known by now', () => {
    const { pages, keepPage } = openCaches();
    keepPage(theJobs(...before), { total: 3 });
    keepPage([theJob('a:0', { status: 'COMPLETED', cost: 1 })], { limit: 1, total: 3 });
    const page = pages.lookup(PARTITION, ALL, wide);
    expect([page?.isOutdated, printPage(page)]).toEqual([
      false,
      ['a:0 COMPLETED', 'a:1 RUNNING', 'a:2 RUNNING'],
    ]);
  });

  test('also where it comes after that one was read', () => {
    const { pages, keepPage, ask } = openCaches();
    const askedSeq = ask();
    keepPage(theJobs('new', 'a:0'), { limit: 2, total: 4 });
    keepPage(theJobs(...before), { total: 3, askedSeq });
    expect(pages.lookup(PARTITION, ALL, wide)?.isOutdated).toBe(true);
  });
});

test('a page is outdated where what was read after it was asked for is evicted: that may tell of other jobs', () => {
  const { keepPage, keepJob, ask } = openCaches({ maxEntries: 3 });
  const askedSeq = ask();
  keepPage(theJobs('new', 'a:0'), { limit: 2, total: 4 });
  for (const qrn of ['a:7', 'a:8', 'a:9']) keepJob(qrn, theJob(qrn));
  expect(keepPage(theJobs('a:0'), { total: 3, askedSeq }).isOutdated).toBe(true);
});

test('a page is not outdated where its own jobs evict each other', () => {
  const { keepPage } = openCaches({ maxEntries: 2 });
  const names = ['a:0', 'a:1', 'a:2'];
  const pages = [1, 2].map(() => keepPage(theJobs(...names), { total: 3 }));
  expect(pages.map(({ isOutdated }) => isOutdated)).toEqual([false, false]);
});

test('a page is not outdated by one that was read before it was asked for, as another replica may tell it late', () => {
  const { pages, keepPage, now } = openCaches();
  const earlier = now();
  keepPage(theJobs('new', 'a:0'), { limit: 2, total: 4 });
  const items = [{ identity: 'a:0', isNamed: true, job: theJob('a:0') }];
  pages.keep(PARTITION, ALL, { page: 1, limit: 1 }, { items, total: 3 }, earlier);
  expect(pages.lookup(PARTITION, ALL, { start: 0, end: 2 })?.isOutdated).toBe(false);
});

describe('a page', () => {
  test.each([
    ['itself', { page: 1, limit: 10 }, 10, 100, { start: 0, end: 10 }, 10],
    ['a part of it', { page: 2, limit: 10 }, 10, 100, { start: 12, end: 15 }, 3],
    ['a count', { page: 1, limit: 10 }, 10, 100, { start: 0, end: 1 }, 1],
    ['no more than it holds', { page: 1, limit: 10 }, 10, 100, { start: 5, end: 11 }, null],
    ['nothing in front of it', { page: 2, limit: 10 }, 10, 100, { start: 9, end: 12 }, null],
    ['more, where the list ends in it', { page: 1, limit: 10 }, 7, 7, { start: 0, end: 50 }, 7],
    ['what is right behind the end of the list', { page: 1, limit: 10 }, 10, 10, { start: 10, end: 20 }, 0],
    ['a part with the end of the list', { page: 2, limit: 10 }, 5, 15, { start: 13, end: 40 }, 2],
    ['an empty list', { page: 1, limit: 1 }, 0, 0, { start: 0, end: 50 }, 0],
    [
      'no more than it holds, where it is shorter than it should be',
      { page: 1, limit: 10 },
      7,
      100,
      { start: 0, end: 20 },
      null,
    ],
  ])('tells of %s', (_, { page, limit }, count, total, span, expected) => {
    const { pages, keepPage } = openCaches();
    keepPage(pageOf(count, 'a'), { page, limit, total });
    const found = pages.lookup(PARTITION, ALL, span);
    expect(found && [found.value.items.length, found.value.total]).toEqual(
      expected === null ? null : [expected, total],
    );
  });

  test('tells nothing of another list, or to another partition', () => {
    const { pages, keepPage } = openCaches();
    keepPage(theJobs('a:1'));
    const span = { start: 0, end: 1 };
    expect([pages.lookup(PARTITION, 'status=RUNNING', span), pages.lookup(2, ALL, span)]).toEqual([
      null,
      null,
    ]);
  });

  test('that shows a job again, as before, tells that its list holds the job', () => {
    const { pages, negatives, now } = openCaches();
    const items = theJobs('a:1', 'a:2').map((job) => ({ identity: job.qrn, isNamed: true, job }));
    const answer = { items, total: 2 };
    pages.keep(PARTITION, ALL, { page: 1, limit: 100 }, answer, now());
    negatives.add(PARTITION, ALL, 'a:1');
    pages.keep(PARTITION, ALL, { page: 1, limit: 100 }, answer, now());
    expect(negatives.has(PARTITION, ALL, 'a:1')).toBe(false);
  });

  test('that is narrower than one before, and says the same, changes nothing', () => {
    const { cache, keepPage, clock } = openCaches();
    const jobs = pageOf(20, 'a');
    const contents = Array.from({ length: 4 }, () => {
      keepPage(jobs.slice(0, 5), { limit: 5, total: 100 });
      keepPage(jobs, { limit: 20, total: 100 });
      clock.advance(3000);
      return cache.versions.of(PARTITION).content;
    });
    expect(new Set(contents.slice(1)).size).toBe(1);
  });

  test('has one reading of the clock for itself and all its jobs', () => {
    const { keepPage } = openCaches();
    const { read, value } = keepPage(theJobs('a:1', 'a:2', 'a:3'));
    const stamps = value.items.map(({ job }) => (job instanceof UpstreamError ? null : job.fetched));
    expect(stamps).toEqual([read, read, read]);
  });

  test('gives way to a later one that holds all of it, and to no other', () => {
    const { pages, keepPage } = openCaches();
    keepPage(theJobs('old:1'));
    keepPage(theJobs('next:1'), { page: 2 });
    expect(printPage(pages.lookup(PARTITION, ALL, firstTen))).toEqual(['old:1 RUNNING']);
    keepPage(theJobs('new:1'), { limit: 20 });
    expect(printPage(pages.lookup(PARTITION, ALL, firstTen))).toEqual(['new:1 RUNNING']);
  });

  test('is one of the last eight of its list', () => {
    const { pages, keepPage } = openCaches();
    for (let page = 1; page <= 9; page += 1) keepPage(pageOf(10, `p${page}`), { page });
    const spanOf = (page: number) => ({ start: page * 10 - 10, end: page * 10 });
    expect([1, 2, 9].map((page) => pages.lookup(PARTITION, ALL, spanOf(page)) !== null)).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('shows what became known of its jobs since', () => {
    const { pages, keepJob, keepPage } = openCaches();
    keepPage(theJobs('a:1', 'a:2'));
    keepJob('a:2', theJob('a:2', { status: 'COMPLETED' }));
    expect(printPage(pages.lookup(PARTITION, ALL, firstTen))).toEqual(['a:1 RUNNING', 'a:2 COMPLETED']);
  });

  test('is not shown again once one of its jobs was refused', () => {
    const { pages, keepJob, keepPage } = openCaches();
    keepPage(theJobs('a:1', 'a:2'));
    keepJob('a:2', notFound);
    expect(pages.lookup(PARTITION, ALL, firstTen)).toBeNull();
    expect(printPage(pages.lookup(PARTITION, ALL, { start: 0, end: 1 }))).toEqual(['a:1 RUNNING']);
    keepPage(theJobs('a:1', 'a:2'));
    expect(printPage(pages.lookup(PARTITION, ALL, firstTen))).toEqual(['a:1 RUNNING', 'a:2 RUNNING']);
  });

  test('that was asked for before a job was read does not overwrite it', () => {
    const { jobs, ask, keepJob, keepPage } = openCaches();
    const askedSeq = ask();
    keepJob('a:1', theJob('a:1', { status: 'RUNNING' }));
    keepJob('a:2', notFound);
    const page = keepPage([theJob('a:1', { status: 'QUEUED' }), ...theJobs('a:2', 'a:3')], { askedSeq });
    expect(printPage(page)).toEqual(['a:1 RUNNING', 'a:2 not-found', 'a:3 RUNNING']);
    expect(jobs.lookup(PARTITION, 'a:2')?.value).toBe(notFound);
  });

  test('that was asked for before a job was read tells of its end all the same', () => {
    const { ask, keepJob, keepPage } = openCaches();
    const askedSeq = ask();
    keepJob('a:1', theJob('a:1'));
    expect(printPage(keepPage([theJob('a:1', { status: 'FAILED' })], { askedSeq }))).toEqual(['a:1 FAILED']);
  });

  test('keeps the place of what cannot be read', () => {
    const { pages, jobs, now } = openCaches();
    const broken = {
      identity: '{"a":1}',
      isNamed: false,
      job: new UpstreamError('invalid-response', 'broken'),
    };
    pages.keep(PARTITION, ALL, { page: 1, limit: 10 }, { items: [broken], total: 1 }, now());
    expect(printPage(pages.lookup(PARTITION, ALL, firstTen))).toEqual(['{"a":1} invalid-response']);
    expect(jobs.lookup(PARTITION, '{"a":1}')).toBeNull();
  });
});

describe('a page behind a cursor', () => {
  test('was asked for after the cursor’s list was read', () => {
    const { pages, ask, keepPage } = openCaches();
    const early = ask();
    keepPage(theJobs('a:1'));
    const late = ask();
    expect([early, late].map((since) => printPage(pages.lookup(PARTITION, ALL, firstTen, since)))).toEqual([
      ['a:1 RUNNING'],
      null,
    ]);
  });

  test('may stand behind one that was read later but asked for too early', () => {
    const { pages, ask, keepPage } = openCaches();
    const early = ask();
    const since = ask();
    const late = ask();
    keepPage(theJobs('wide:1'), { limit: 50, askedSeq: early });
    keepPage(theJobs('narrow:1'), { askedSeq: late });
    expect(printPage(pages.lookup(PARTITION, ALL, firstTen, since))).toEqual(['narrow:1 RUNNING']);
  });
});

describe('a page that comes late', () => {
  /** The total that each part of the list has now: of the first job, the first ten and the first fifty. */
  const totals = ({ pages }: Pick<ReturnType<typeof openCaches>, 'pages'>) =>
    [1, 10, 50].map((end) => pages.lookup(PARTITION, ALL, { start: 0, end })?.value.total ?? null);

  test('never stands in front of one that was asked for and read meanwhile', () => {
    const caches = openCaches();
    const slow = caches.ask();
    caches.keepPage(pageOf(10, 'a'), { total: 123 });
    caches.keepPage(pageOf(10, 'a'), { total: 120, askedSeq: slow });
    expect(totals(caches)).toEqual([123, 123, null]);
  });

  test('is not brought to the front by one that was under way when it came', () => {
    const caches = openCaches();
    const slow = caches.ask();
    caches.keepPage(pageOf(10, 'a'), { total: 123 });
    const next = caches.ask();
    caches.keepPage(pageOf(10, 'a'), { total: 120, askedSeq: slow });
    caches.keepPage(pageOf(10, 'a'), { total: 124, askedSeq: next });
    expect(totals(caches)).toEqual([124, 124, null]);
  });

  test('tells of what only it holds, and of nothing else', () => {
    const caches = openCaches();
    const slow = caches.ask();
    caches.keepPage(pageOf(1, 'a'), { limit: 1, total: 123 });
    const next = caches.ask();
    caches.keepPage(pageOf(50, 'a'), { limit: 50, total: 120, askedSeq: slow });
    caches.keepPage(pageOf(1, 'a'), { limit: 1, total: 124, askedSeq: next });
    expect(totals(caches)).toEqual([124, 120, 120]);
  });

  test('is not brought to the front where the list grows over the end that was known of it', () => {
    const caches = openCaches();
    caches.keepPage(pageOf(50, 'a'), { limit: 50, total: 80 });
    caches.keepPage(pageOf(5, 'a'), { total: 5 });
    caches.keepPage(pageOf(10, 'a'), { total: 60 });
    expect(totals(caches)).toEqual([60, 60, 5]);
  });
});

describe('the life of a page', () => {
  test('is as long as was said', () => {
    const { pages, jobs, clock, keepPage } = openCaches({ lifetimeMs: 5000 });
    keepPage(theJobs('a:1'));
    const look = () => [
      jobs.lookup(PARTITION, 'a:1') !== null,
      pages.lookup(PARTITION, ALL, firstTen) !== null,
    ];
    clock.advance(5000);
    expect(look()).toEqual([true, true]);
    clock.advance(1);
    expect(look()).toEqual([false, false]);
  });

  test('does not begin anew with another page of its list', () => {
    const { pages, clock, keepPage } = openCaches({ lifetimeMs: 5000 });
    keepPage(pageOf(10, 'a'));
    clock.advance(3000);
    keepPage(pageOf(10, 'b'), { page: 2 });
    clock.advance(3000);
    const look = (start: number) => pages.lookup(PARTITION, ALL, { start, end: start + 10 }) !== null;
    expect([look(0), look(10)]).toEqual([false, true]);
  });
});
