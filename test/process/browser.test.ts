import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createPageOpener, type GuardedPage, PATIENCE_MS } from '../support/open-page.ts';
import { type Program, startProgram } from '../support/run-program.ts';

const { openPage, openLastingPage, isPossible, notice } = createPageOpener();

describe.runIf(isPossible)(`in a browser${notice}`, () => {
  let program: Program;
  let demo: Awaited<ReturnType<typeof addressesOf>>;

  beforeAll(async () => {
    program = startProgram(['demo'], { PORT: '0', SANDBOX_PORT: '0', WATCH_MIN_INTERVAL_MS: '200' });
    demo = await addressesOf(program);
  });
  afterAll(() => program.signal('SIGKILL'));

  // To load the playground takes seconds, so that these tests share a page.
  describe('the playground', () => {
    let page: Page;
    let faults: readonly string[];

    beforeAll(async () => {
      ({ page, faults } = await openLastingPage());
      const isSchemaRead = page.waitForResponse((response) => response.request().method() === 'POST');
      await Promise.all([isSchemaRead, page.goto(demo.playground)]);
      await page.getByText(demo.key).waitFor();
    });
    afterEach(() => expect(faults).toEqual([]));
    afterAll(() => page.close());

    test('shows the examples as tabs, the key, and what the first example answers, without a network', async () => {
      const tabs = await page.getByRole('tab').allInnerTexts();
      expect(tabs.map((tab) => tab.trim())).toEqual([
        'NewestJobs',
        'OneJob',
        'PartsOfAPage',
        'FilteredJobs',
        'Batches',
        'Team',
        'StatusCounts',
      ]);
      expect(JSON.parse(await textOf(page, 'Headers'))).toEqual({ 'X-API-KEY': demo.key });
      await execute(page, /^{ "data": { "jobs": { "totalCount": \d+,/);
      await page.screenshot({ path: 'coverage/playground.png' });
    });

    test('opens an example at the first click on its tab, with its variables filled in', async () => {
      await page.getByRole('button', { name: 'OneJob' }).click();
      // GraphiQL writes the operation into the address once it has understood it.
      await page.waitForURL(/query=.*OneJob/);
      await execute(page, /^{ "data": { "job": { "id": "/);
    });

    test('stores no key that somebody types', async () => {
      await page.getByText(demo.key).click();
      await page.keyboard.press('Control+A');
      await page.keyboard.type('{ "X-API-KEY": "qbr_typed');
      await execute(page, /"UNAUTHENTICATED"/);
      // GraphiQL stores what is in its tabs when another one is opened.
      await page.getByRole('button', { name: 'Batches' }).click();
      // Not `waitForFunction`, which evaluates texts: the page does not let it.
      await expect
        .poll(() => page.evaluate(`localStorage.getItem('graphiql:tabState')`), { timeout: PATIENCE_MS })
        .toContain('"activeTabIndex":4');
      const stored = JSON.stringify([
        page.url(),
        await page.context().storageState({ indexedDB: true }),
        await page.evaluate('({ ...sessionStorage })'),
      ]);
      expect(stored).toContain('NewestJobs');
      expect(stored).not.toContain('qbr_');
    });
  });

  test('the playground explains the schema', async () => {
    const { page, faults } = await openPage();
    await page.goto(demo.playground);
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    await page.getByRole('link', { name: 'Query', exact: true }).click();
    await page.getByText('rateLimit').first().waitFor();
    expect(faults).toEqual([]);
  });

  test('the playground plays a subscription', async () => {
    // In a page of its own: what is typed is understood a moment later, and nothing says when.
    const { page, faults } = await openPage();
    const query = 'subscription { jobsChanged(first: 1) { totalCount } }';
    await page.goto(`${demo.playground}?query=${encodeURIComponent(query)}`);
    await execute(page, /^{ "data": { "jobsChanged": { "totalCount": \d+/);
    expect(faults).toEqual([]);
  });

  describe('the live example', () => {
    test('shows the jobs of the demo, and a row that moves by itself, without a network', async () => {
      const { page, faults } = await openExample();
      await page.locator('#state.live').waitFor();
      expect(await page.getByLabel('API key').inputValue()).toBe(demo.key);
      expect(await page.locator('tbody tr').count()).toBe(15);
      await page.locator('tbody tr.changed').first().waitFor();
      await page
        .getByLabel('Latest change')
        .getByText(/→|is new/)
        .waitFor();
      await page.screenshot({ path: 'coverage/live-jobs.png' });
      expect(faults).toEqual([]);
    });

    test('shows only what its filter lets through', async () => {
      const { page } = await openExample();
      await page.getByLabel('Show').selectOption('ended');
      await page.locator('#active', { hasText: /^0$/ }).waitFor();
      const statuses = new Set(await page.locator('.status').allInnerTexts());
      expect(['COMPLETED', 'FAILED', 'CANCELLED']).toEqual(expect.arrayContaining([...statuses]));
    });

    test('says why, where the key is refused, and goes on with another one', async () => {
      const { page } = await openExample();
      await page.getByLabel('API key').fill('qbr_wrong');
      await page.locator('#state.broken').getByText('does not accept the key').waitFor();
      await page.getByLabel('API key').fill(demo.key);
      await page.locator('#state.live').waitFor();
      expect(await page.locator('tbody tr').count()).toBe(15);
    });
  });

  /** The demo's live example. */
  async function openExample(): Promise<GuardedPage> {
    const guarded = await openPage();
    await guarded.page.goto(demo.example);
    return guarded;
  }
});

/** What the demo prints for the person who started it. */
async function addressesOf(demo: Program) {
  const [, playground = ''] = await demo.printed(/playground: +(\S+)/);
  const [, example = ''] = await demo.printed(/jobs move: +(\S+)/);
  const [, key = ''] = await demo.printed(/^ +alice +(\S+)$/m);
  return { playground, example, key };
}

/** Executes the operation of the open tab, and waits until its answer looks like this. */
async function execute(page: Page, answer: RegExp): Promise<void> {
  await page.getByRole('button', { name: /^Execute query/ }).click();
  await expect.poll(() => textOf(page, 'Result Window'), { timeout: PATIENCE_MS }).toMatch(answer);
}

/** What stands in the visible editor with this label: one line, single spaces. */
async function textOf(page: Page, label: string): Promise<string> {
  const text = await page.getByLabel(label, { exact: true }).locator('.view-lines:visible').textContent();
  return (text ?? '').replaceAll(/\s+/g, ' ');
}
