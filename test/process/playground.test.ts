import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { createPageOpener } from '../support/open-page.ts';
import { runProgram } from '../support/run-program.ts';

const { openPage, isPossible, notice } = createPageOpener();

describe.runIf(isPossible)(`the playground${notice}`, () => {
  test('shows the examples as tabs, the key, and what the first example answers, without a network', async () => {
    const { page, key, faults } = await openPlayground();
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
    expect(JSON.parse(await textOf(page, 'Headers'))).toEqual({ 'X-API-KEY': key });
    await execute(page);
    await page.screenshot({ path: 'coverage/playground.png' });
    expect(await textOf(page, 'Result Window')).toMatch(/^{ "data": { "jobs": { "totalCount": \d+,/);
    expect(faults).toEqual([]);
  });

  test('opens an example at the first click on its tab, with its variables filled in', async () => {
    const { page } = await openPlayground();
    await page.getByRole('button', { name: 'OneJob' }).click();
    // GraphiQL writes the operation into the address once it has understood it.
    await page.waitForURL(/query=.*OneJob/);
    await execute(page);
    expect(await textOf(page, 'Result Window')).toMatch(/^{ "data": { "job": { "id": "/);
  });

  test('stores no key that somebody types', async () => {
    const { page, key } = await openPlayground();
    await page.getByText(key).click();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('{ "X-API-KEY": "qbr_typed');
    await execute(page);
    expect(await textOf(page, 'Result Window')).toContain('"UNAUTHENTICATED"');
    // GraphiQL stores what is in its tabs when another one is opened.
    await page.getByRole('button', { name: 'Batches' }).click();
    await page.waitForFunction(`localStorage.getItem('graphiql:tabState').includes('"activeTabIndex":4')`);
    const stored = JSON.stringify([
      page.url(),
      await page.context().storageState({ indexedDB: true }),
      await page.evaluate('({ ...sessionStorage })'),
    ]);
    expect(stored).toContain('NewestJobs');
    expect(stored).not.toContain('qbr_');
  });
});

/** The demo's playground, once it has read the schema. It ends with the test. */
async function openPlayground() {
  const demo = runProgram(['demo'], { PORT: '0', SANDBOX_PORT: '0' });
  const [, url = ''] = await demo.printed(/playground: +(\S+)/);
  const [, key = ''] = await demo.printed(/^ +alice +(\S+)$/m);
  const { page, faults } = await openPage();
  const isSchemaRead = page.waitForResponse((response) => response.request().method() === 'POST');
  await Promise.all([isSchemaRead, page.goto(url)]);
  await page.getByText(key).waitFor();
  return { page, key, faults };
}

/** Executes the operation of the open tab, and waits for its answer. */
async function execute(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Execute query/ }).click();
  await page.getByLabel('Result Window').getByText('"data"').waitFor();
}

/** What stands in the visible editor with this label: one line, single spaces. */
async function textOf(page: Page, label: string): Promise<string> {
  const text = await page.getByLabel(label, { exact: true }).locator('.view-lines:visible').textContent();
  return (text ?? '').replaceAll(/\s+/g, ' ');
}
