import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ExampleApp, keysOf, startExampleApp } from './example-app.ts';
import { expectNoBarriers } from './expect-no-barriers.ts';
import { createPageOpener, PATIENCE_MS } from './open-page.ts';

const TEAM = keysOf('alice', 'bob');
const PATIENTLY = { timeout: PATIENCE_MS };

/** Describes what every example app does that shows the dashboard. */
export function describeExampleApp(folder: string): void {
  const { openPage, isPossible, notice } = createPageOpener();
  describe.runIf(isPossible)(`the example ${folder}${notice}`, () => {
    let app: ExampleApp;

    beforeAll(async () => {
      app = await startExampleApp(folder);
    });
    afterAll(() => app.close());
    beforeEach(() => app.stopTime());

    describe('while jobs come and change', () => {
      beforeEach(() => app.startTime());
      afterEach(() => app.stopTime());

      test.each([
        ['all jobs', null],
        ['the jobs of one status, which come to it in the middle', 'COMPLETED'],
      ])('scrolled to its end, the list of %s has lost and repeated no row', async (_, status) => {
        const page = await open(TEAM);
        if (status !== null) {
          await tile(page, status).click();
          await page
            .getByRole('region', { name: 'Jobs', exact: true })
            .locator('.QUEUED')
            .first()
            .waitFor({ state: 'detached' });
        }
        await scrollToEnd(page);
        app.stopTime();
        await expect
          .poll(async () => compare(await rowsOf(page), await readList({ status })), PATIENTLY)
          .toEqual({ lost: [], repeated: [], gone: [], isInOrder: true });
      });

      test('a dead key is a notice, and the rows of the other keys go on to change', async () => {
        const page = await open(`${keysOf('alice')}, dead=qbr_nobody`);
        await page.getByRole('status').filter({ hasText: 'dead' }).waitFor();
        for (const _ of Array(2)) {
          const before = await rowsOf(page);
          await expect.poll(() => rowsOf(page), PATIENTLY).not.toEqual(before);
        }
      });

      test('the numbers of the tiles go on to change', async () => {
        const page = await open(TEAM);
        const before = await numberOn(page, 'ALL');
        await expect.poll(() => numberOn(page, 'ALL'), PATIENTLY).not.toBe(before);
      });
    });

    test('the tiles have the numbers of the API', async () => {
      const page = await open(TEAM);
      type Counts = { total: number; byStatus: { status: string; count: number }[] };
      const query = '{ jobCounts { total byStatus { status count } } }';
      const { total, byStatus } = (await app.ask<{ jobCounts: Counts }>(TEAM, query)).jobCounts;
      expect(byStatus).toHaveLength(10);
      for (const { status, count } of [...byStatus, { status: 'ALL', count: total }]) {
        await expect.poll(() => numberOn(page, status), PATIENTLY).toBe(count);
      }
    });

    test('the histogram of a completed job shows its result', async () => {
      const { qrn, counts } = await findMeasured();
      const page = await open(TEAM);
      await openJob(page, qrn);
      const bars = page.getByRole('img', { name: /^Histogram/ }).locator('g');
      await bars.first().waitFor();
      const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });
      expect(await bars.locator('text').allTextContents()).toEqual(
        counts.flatMap(({ bitstring, probability }) => [bitstring, percent.format(probability)]),
      );
    });

    test('a vendor in a row narrows the list to it', async () => {
      const page = await open(TEAM);
      await page.locator('[data-qrn]').getByRole('button', { name: 'aws', exact: true }).first().click();
      const truth = await readList({ vendorName: 'aws' });
      await expect.poll(() => rowsOf(page), PATIENTLY).toEqual(truth.slice(0, 25));
      await page.getByRole('button', { name: /Show all vendors/ }).click();
      await expect.poll(() => rowsOf(page), PATIENTLY).not.toEqual(truth.slice(0, 25));
    });

    test('a job that waits can be cancelled', async () => {
      const page = await open(TEAM);
      await tile(page, 'QUEUED').click();
      const [qrn] = await readList({ status: 'QUEUED' });
      await openJob(page, qrn);
      page.on('dialog', (dialog) => void dialog.accept());
      await page.getByRole('button', { name: 'Cancel this job' }).click();
      // The text of the whole dialog, so that a failure tells what the gateway said.
      await expect.poll(() => page.getByRole('dialog').textContent(), PATIENTLY).toMatch(/Statuscancel/);
      const { job } = await app.ask<{ job: { status: string } }>(TEAM, `{ job(qrn: "${qrn}") { status } }`);
      expect(job.status).toMatch(/^CANCELL/);
      await page.getByRole('button', { name: 'Cancel this job' }).waitFor({ state: 'detached' });
    });

    test('other keys clear all that the former keys showed, and keys are kept in the session only', async () => {
      const page = await open(keysOf('alice'));
      await useKeys(page, 'qbr_nobody');
      await page.getByRole('alert').first().waitFor();
      expect(await rowsOf(page)).toEqual([]);
      expect(await page.getByRole('region', { name: 'Jobs by status' }).count()).toBe(0);
      const kept = [
        await page.context().storageState({ indexedDB: true }),
        await page.evaluate('({ ...localStorage })'),
      ];
      expect(JSON.stringify(kept)).not.toContain('qbr_');
      await page.reload();
      await page.getByRole('alert').first().waitFor();
      expect(await page.getByLabel('qBraid keys').inputValue()).toBe('qbr_nobody');
    });

    test.each([400, 1280])('at %d px nothing scrolls sideways or keeps people out', async (width) => {
      const { qrn } = await findMeasured();
      const page = await open(`${TEAM}, dead=qbr_nobody`);
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await page.getByRole('status').filter({ hasText: 'dead' }).waitFor();
      await expectNoBarriers(page, `${folder}-${width}`);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      await openJob(page, qrn);
      await page.getByRole('img', { name: /^Histogram/ }).waitFor();
      await expectNoBarriers(page, `${folder}-job-${width}`);
      const dialog = page.getByRole('dialog');
      expect(await dialog.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    });

    test('without keys it asks for them, and keeps nobody out', async () => {
      const { page } = await openPage();
      await page.goto(app.url);
      await page.getByText('Enter a qBraid key').waitFor();
      await expectNoBarriers(page, `${folder}-empty`);
    });

    /** The dashboard of these keys, once it shows something. */
    async function open(keys: string): Promise<Page> {
      const { page } = await openPage();
      await page.goto(app.url);
      await useKeys(page, keys);
      await page.locator('[data-qrn]').first().waitFor();
      await page.getByRole('region', { name: 'Jobs by status' }).waitFor();
      return page;
    }

    /** A job of the first page that has measured one circuit, with its 16 most frequent outcomes. */
    async function findMeasured() {
      type Counts = { bitstring: string; probability: number }[];
      type Answer = { job: { result: { measurementCounts: Counts | null } | null } };
      const query = `query ($qrn: String!) {
        job(qrn: $qrn) { result { measurementCounts(first: 16) { bitstring probability } } }
      }`;
      const { jobs } = await app.ask<{ jobs: { nodes: { qrn: string }[] } }>(
        TEAM,
        '{ jobs(first: 25) { nodes { qrn } } }',
      );
      for (const { qrn } of jobs.nodes) {
        // Upstream has the result of a job only two seconds after its end.
        const answer = await app.ask<Answer>(TEAM, query, { qrn }).catch(() => null);
        const counts = answer?.job.result?.measurementCounts;
        if (counts != null) return { qrn, counts };
      }
      throw new Error('The sandbox has no job that has measured one circuit.');
    }

    /** The names of all jobs of the team that fit a filter, read page by page. */
    async function readList(filter: object): Promise<string[]> {
      type Answer = {
        jobs: { nodes: { qrn: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
      };
      const query = `query ($filter: JobFilter, $after: String) {
        jobs(filter: $filter, first: 100, after: $after) { nodes { qrn } pageInfo { endCursor hasNextPage } }
      }`;
      const qrns: string[] = [];
      let after: string | null = null;
      for (;;) {
        const { jobs }: Answer = await app.ask<Answer>(TEAM, query, { filter, after });
        qrns.push(...jobs.nodes.map(({ qrn }) => qrn));
        if (!jobs.pageInfo.hasNextPage) return qrns;
        after = jobs.pageInfo.endCursor;
      }
    }
  });
}

async function useKeys(page: Page, keys: string): Promise<void> {
  await page.getByLabel('qBraid keys').fill(keys);
  await page.getByRole('button', { name: 'Use' }).click();
}

/** The names of the jobs on the page, from its top. */
async function rowsOf(page: Page): Promise<string[]> {
  const rows = page.locator('[data-qrn]');
  return rows.evaluateAll((elements) => elements.map((element) => element.getAttribute('data-qrn') ?? ''));
}

/** Scrolls on until nothing more is read, while the list changes. */
async function scrollToEnd(page: Page): Promise<void> {
  const more = page.getByRole('button', { name: /^(More|Reading more)/ });
  await more.waitFor();
  while ((await more.count()) > 0) {
    const before = await rowsOf(page);
    expect(new Set(before).size).toBe(before.length);
    await page.mouse.wheel(0, 1_000_000);
    await expect
      .poll(async () => {
        const now = await rowsOf(page);
        return now.length >= before.length + 20 || (await more.count()) === 0;
      }, PATIENTLY)
      .toBe(true);
  }
}

function compare(shown: readonly string[], truth: readonly string[]) {
  return {
    lost: truth.filter((qrn) => !shown.includes(qrn)),
    repeated: shown.filter((qrn, index) => shown.indexOf(qrn) !== index),
    gone: shown.filter((qrn) => !truth.includes(qrn)),
    isInOrder: shown.join() === truth.join(),
  };
}

/** The tile of a status, or that of all jobs: `ALL`. */
function tile(page: Page, status: string) {
  const name = new RegExp(`^[\\d,]+ ${status.toLowerCase()}$`);
  return page.getByRole('region', { name: 'Jobs by status' }).getByRole('button', { name });
}

async function numberOn(page: Page, status: string): Promise<number> {
  return Number.parseInt((await tile(page, status).textContent()) ?? '', 10);
}

async function openJob(page: Page, qrn: string | undefined): Promise<void> {
  await page.locator(`[data-qrn="${qrn}"]`).getByRole('rowheader').getByRole('button').click();
}
