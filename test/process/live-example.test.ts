import { describe, expect, test } from 'vitest';
import { createPageOpener } from '../support/open-page.ts';
import { runProgram } from '../support/run-program.ts';

const { openPage, isPossible, notice } = createPageOpener();

describe.runIf(isPossible)(`the live example${notice}`, () => {
  test('shows the jobs of the demo, and a row that moves by itself, without a network', async () => {
    const { page, key, faults } = await openExample();
    await page.locator('#state.live').waitFor();
    expect(await page.getByLabel('API key').inputValue()).toBe(key);
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

describe.runIf(isPossible)(`the playground${notice}`, () => {
  test('plays a subscription', async () => {
    const { page, playground } = await openExample();
    const query = 'subscription { jobsChanged(first: 1) { totalCount } }';
    await page.goto(`${playground}?query=${encodeURIComponent(query)}`);
    await page.getByRole('button', { name: /^Execute query/ }).click();
    await page.getByLabel('Result Window').getByText('"jobsChanged"').waitFor();
  });
});

/** The demo's example. It ends with the test. */
async function openExample() {
  const demo = runProgram(['demo'], { PORT: '0', SANDBOX_PORT: '0', WATCH_MIN_INTERVAL_MS: '200' });
  const [, playground = ''] = await demo.printed(/playground: +(\S+)/);
  const [, url = ''] = await demo.printed(/jobs move: +(\S+)/);
  const [, key = ''] = await demo.printed(/^ +alice +(\S+)$/m);
  const { page, faults } = await openPage();
  await page.goto(url);
  return { page, key, playground, faults };
}
