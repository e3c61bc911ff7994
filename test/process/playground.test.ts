import { chromium, type Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findChromium } from '../support/find-chromium.ts';
import { runProgram } from '../support/run-program.ts';

const executablePath = findChromium();
const isSkipped = executablePath === null && process.env['REQUIRE_CHROMIUM'] !== '1';

describe.skipIf(isSkipped)(`the playground${isSkipped ? ' (skipped: no Chromium found)' : ''}`, () => {
  test('shows the examples as tabs, the key, and what the first example answers, without a network', async () => {
    const { page, key, strangers } = await openPlayground();
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
    expect(strangers).toEqual([]);
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

/** The demo's playground in a browser that reaches nothing but this machine. All of it ends with the test. */
async function openPlayground() {
  const demo = runProgram(['demo'], { PORT: '0', SANDBOX_PORT: '0' });
  const [, url = ''] = await demo.printed(/playground: +(\S+)/);
  const [, key = ''] = await demo.printed(/^ +alice +(\S+)$/m);
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  // Less than the test has, so that a failure tells what was waited for.
  page.setDefaultTimeout(20_000);
  const strangers: string[] = [];
  await page.context().route('**', (route) => {
    const address = new URL(route.request().url());
    if (address.protocol === 'blob:' || address.hostname === '127.0.0.1') return route.continue();
    strangers.push(address.href);
    return route.abort();
  });
  const isSchemaRead = page.waitForResponse((response) => response.request().method() === 'POST');
  await Promise.all([isSchemaRead, page.goto(url)]);
  await page.getByText(key).waitFor();
  return { page, key, strangers };
}

async function launchChromium() {
  if (executablePath === null) {
    throw new Error('REQUIRE_CHROMIUM is set, but no Chromium is on the PATH: install one.');
  }
  const args = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-component-update'];
  // No sandbox: in containers, where tests often run as root, Chromium does not start with one.
  return chromium.launch({ executablePath, chromiumSandbox: false, args });
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
