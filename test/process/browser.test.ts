import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { toGlobalId } from '../../src/graphql/global-id.ts';
import { createPageOpener, PATIENCE_MS } from '../support/open-page.ts';
import { type DemoProgram, startDemoProgram } from '../support/start-demo-program.ts';

const { openPage, openLastingPage, isPossible, notice } = createPageOpener();

describe.runIf(isPossible)(`in a browser${notice}`, () => {
  let demo: DemoProgram;

  beforeAll(async () => {
    demo = await startDemoProgram();
  });
  afterAll(() => demo.program.signal('SIGKILL'));

  // To load the playground takes seconds, so that these tests share a page.
  describe('the playground', () => {
    let page: Page;
    let faults: readonly string[];

    beforeAll(async () => {
      ({ page, faults } = await openLastingPage());
      const isSchemaRead = page.waitForResponse((response) => response.request().method() === 'POST');
      await Promise.all([isSchemaRead, page.goto(demo.playground)]);
      await page.getByText(demo.keys.alice).waitFor();
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
        'JobCounts',
        'LiveJobs',
        'Results',
      ]);
      expect(JSON.parse(await textOf(page, 'Headers'))).toEqual({ 'X-API-KEY': demo.keys.alice });
      await execute(page);
      await answerOf(page).toMatch(/^{ "data": { "jobs": { "totalCount": \d+,/);
      await page.screenshot({ path: 'coverage/playground.png' });
    });

    test('opens an example at the first click on its tab, with its variables filled in', async () => {
      await openTab(page, 'OneJob');
      // The editors wrap long names, which have no spaces of their own.
      const { qrn } = JSON.parse((await textOf(page, 'Variables')).replaceAll(' ', ''));
      await execute(page);
      await answerOf(page).toMatch(
        new RegExp(`^{ "data": { "job": { "id": "${[...toGlobalId(qrn)].join(' ?')}"`),
      );
    });

    test('opens the pane that the tab talks of', async () => {
      for (const [tab, pane] of [
        ['NewestJobs', 'Headers'],
        ['OneJob', 'Variables'],
        ['Team', 'Headers'],
      ] as const) {
        await page.getByRole('button', { name: tab }).click();
        await expect.poll(() => openPanes(page), { timeout: PATIENCE_MS }).toEqual([pane]);
      }
    });

    test('sends all keys with the example of a team', async () => {
      await openTab(page, 'Team');
      const { 'X-API-KEYS': keys } = JSON.parse(await textOf(page, 'Headers'));
      expect(keys).toContain(`alice=${demo.keys.alice}, `);
      await execute(page);
      await answerOf(page).toMatch(/"key": "alice", "totalCount": \d+, "error": null/);
    });

    test('plays a subscription, and shows counts and results', async () => {
      await openTab(page, 'LiveJobs');
      await execute(page);
      await answerOf(page).toMatch(/^{ "data": { "jobsChanged": { "totalCount": \d+/);
      // It goes on.
      expect(await page.getByRole('button', { name: /^Stop query/ }).isVisible()).toBe(true);
      await openTab(page, 'JobCounts');
      await execute(page);
      await answerOf(page).toMatch(/^{ "data": { "jobCounts": { "total": \d+/);
      await openTab(page, 'Results');
      await execute(page);
      await answerOf(page).toMatch(/"measurementCounts": \[ { "bitstring": "(?:[01]+|[gr]+)"/);
    });

    test('keeps a key that somebody types for a reload of the tab alone', async () => {
      await page.getByRole('button', { name: 'NewestJobs' }).click();
      await page.getByText(demo.keys.alice).click();
      await page.keyboard.press('Control+A');
      await page.keyboard.type('{ "X-API-KEY": "qbr_typed');
      await execute(page);
      await answerOf(page).toContain('"UNAUTHENTICATED"');
      // GraphiQL stores its tabs a moment later. Not `waitForFunction`, which evaluates texts: the page does not let it.
      await expect
        .poll(() => page.evaluate(`sessionStorage.getItem('graphiql:tabState')`), { timeout: PATIENCE_MS })
        .toContain('qbr_typed');
      const tabs = await page.getByRole('tab').allInnerTexts();
      await page.reload();
      await page.getByText('qbr_typed').waitFor();
      expect(await page.getByRole('tab').allInnerTexts()).toEqual(tabs);
      const { cookies, origins } = await page.context().storageState({ indexedDB: true });
      expect([cookies, origins]).toEqual([[], []]);
      expect(page.url()).not.toContain('qbr_');
    });
  });

  test('the playground can be used on a phone', async () => {
    const { page, faults } = await openPage();
    await page.setViewportSize({ width: 400, height: 800 });
    await page.goto(demo.playground);
    await page.getByText('NewestJobs').first().waitFor();
    await execute(page);
    await answerOf(page).toMatch(/^{ "data": { "jobs": { "totalCount": \d+,/);
    const boxes = await Promise.all(
      ['.graphiql-query-editor', '.graphiql-editor-tool', '.graphiql-response'].map((part) =>
        page.locator(part).boundingBox(),
      ),
    );
    // One stands below the other, each as wide as the screen.
    for (const box of boxes) expect(box).toMatchObject({ x: 0, width: 400 });
    const edges = boxes.flatMap((box) => (box === null ? [] : [box.y, box.y + box.height]));
    expect(edges).toEqual([...edges].sort((a, b) => a - b));
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
    await page.screenshot({ path: 'coverage/playground-400.png' });
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    await page.getByRole('link', { name: 'Query', exact: true }).waitFor();
    expect(await page.locator('.graphiql-query-editor').isVisible()).toBe(false);
    expect(faults).toEqual([]);
  });

  test('the playground explains the schema', async () => {
    const { page, faults } = await openPage();
    await page.goto(demo.playground);
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    await page.getByRole('link', { name: 'Query', exact: true }).click();
    await page.getByText('rateLimit').first().waitFor();
    expect(faults).toEqual([]);
  });
});

/** Opens a tab, until its operation can be executed: GraphiQL writes it into the address once it has understood it. */
async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name }).click();
  await page.waitForURL(new RegExp(`query=.*${name}`));
}

/** Executes the operation of the open tab. */
async function execute(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Execute query/ }).click();
}

/** Expects something of the answer that is shown, or will be. */
function answerOf(page: Page) {
  return expect.poll(() => textOf(page, 'Result Window'), { timeout: PATIENCE_MS });
}

/** The panes below the operation that are open, by their labels. */
async function openPanes(page: Page): Promise<string[]> {
  const labels = ['Variables', 'Headers'];
  const regions = labels.map((name) => page.getByRole('region', { name, exact: true }));
  const areOpen = await Promise.all(regions.map((region) => region.isVisible()));
  return labels.filter((_, index) => areOpen[index]);
}

/** What stands in the visible editor with this label: one line, single spaces. */
async function textOf(page: Page, label: string): Promise<string> {
  const text = await page.getByLabel(label, { exact: true }).locator('.view-lines:visible').textContent();
  return (text ?? '').replaceAll(/\s+/g, ' ');
}
