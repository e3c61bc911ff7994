import { chromium } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findChromium } from '../support/find-chromium.ts';
import { runProgram } from '../support/run-program.ts';

const executablePath = findChromium();
const isSkipped = executablePath === null && process.env['REQUIRE_CHROMIUM'] !== '1';

describe.skipIf(isSkipped)(`the live example${isSkipped ? ' (skipped: no Chromium found)' : ''}`, () => {
  test('shows the jobs of the demo, and a row that moves by itself, without a network', async () => {
    const { page, key, strangers } = await openExample();
    await page.locator('#state.live').waitFor();
    expect(await page.getByLabel('API key').inputValue()).toBe(key);
    expect(await page.locator('tbody tr').count()).toBe(15);
    await page.locator('tbody tr.changed').first().waitFor();
    await page
      .getByLabel('Latest change')
      .getByText(/→|is new/)
      .waitFor();
    await page.screenshot({ path: 'coverage/live-jobs.png' });
    expect(strangers).toEqual([]);
  });

  test('shows only what its filter lets through', async () => {
    const { page } = await openExample();
    await page.getByLabel('Show').selectOption('ended');
    await page.waitForFunction(`document.querySelector('#active').textContent === '0'`);
    const statuses = new Set(await page.locator('.status').allInnerTexts());
    expect(['COMPLETED', 'FAILED', 'CANCELLED']).toEqual(expect.arrayContaining([...statuses]));
  });

  test('says why, where the key is refused, and goes on with another one', async () => {
    const { page, key } = await openExample();
    await page.getByLabel('API key').fill('qbr_wrong');
    await page.locator('#state.broken').getByText('does not accept the key').waitFor();
    await page.getByLabel('API key').fill(key);
    await page.locator('#state.live').waitFor();
    expect(await page.locator('tbody tr').count()).toBe(15);
  });
});

describe.skipIf(isSkipped)(`the playground${isSkipped ? ' (skipped: no Chromium found)' : ''}`, () => {
  test('plays a subscription', async () => {
    const { page, playground } = await openExample();
    const query = 'subscription { jobsChanged(first: 1) { totalCount } }';
    await page.goto(`${playground}?query=${encodeURIComponent(query)}`);
    await page.getByRole('button', { name: /^Execute query/ }).click();
    await page.getByLabel('Result Window').getByText('"jobsChanged"').waitFor();
  });
});

/** The demo's example in a browser that reaches nothing but this machine. All of it ends with the test. */
async function openExample() {
  const demo = runProgram(['demo'], { PORT: '0', SANDBOX_PORT: '0', WATCH_MIN_INTERVAL_MS: '200' });
  const [, playground = ''] = await demo.printed(/playground: +(\S+)/);
  const [, url = ''] = await demo.printed(/jobs move: +(\S+)/);
  const [, key = ''] = await demo.printed(/^ +alice +(\S+)$/m);
  if (executablePath === null) {
    throw new Error('REQUIRE_CHROMIUM is set, but no Chromium is on the PATH: install one.');
  }
  const args = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-component-update'];
  // No sandbox: in containers, where tests often run as root, Chromium does not start with one.
  const browser = await chromium.launch({ executablePath, chromiumSandbox: false, args });
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  // Less than the test has, so that a failure tells what was waited for.
  page.setDefaultTimeout(25_000);
  const strangers: string[] = [];
  await page.context().route('**', (route) => {
    const address = new URL(route.request().url());
    if (['blob:', 'data:'].includes(address.protocol) || address.hostname === '127.0.0.1') {
      return route.continue();
    }
    strangers.push(address.href);
    return route.abort();
  });
  page.on('pageerror', (error) => strangers.push(String(error)));
  await page.goto(url);
  return { page, key, playground, strangers };
}
