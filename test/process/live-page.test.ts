import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectNoBarriers } from '../support/expect-no-barriers.ts';
import { createPageOpener, type GuardedPage, PATIENCE_MS } from '../support/open-page.ts';
import { type DemoProgram, startDemoProgram } from '../support/start-demo-program.ts';

const { openPage, isPossible, notice } = createPageOpener();

describe.runIf(isPossible)(`the live page, in a browser${notice}`, () => {
  let demo: DemoProgram;

  beforeAll(async () => {
    demo = await startDemoProgram();
  });
  afterAll(() => demo.program.signal('SIGKILL'));

  test('shows the jobs and counts of the demo, and a row that moves by itself, without a network', async () => {
    const { page, faults } = await openLivePage();
    await page.locator('#state.live').waitFor();
    expect(await keysOf(page).inputValue()).toBe(demo.keys.alice);
    expect(await rowsOf(page).count()).toBeGreaterThanOrEqual(25);
    await page.locator('tbody tr.changed').first().waitFor();
    await page
      .getByLabel('Latest change')
      .getByText(/→|is new/)
      .waitFor();
    await page.locator('#total', { hasText: /^\d\d\d$/ }).waitFor();
    await page.getByRole('link', { name: 'Playground' }).waitFor();
    expect(faults).toEqual([]);
  });

  describe('when the key changes', () => {
    test('forgets at once what it showed of the former key', async () => {
      const { page } = await openLivePage();
      await page.locator('#total', { hasText: /^\d+$/ }).waitFor();
      await rowsOf(page).first().getByRole('button').first().click();
      await page.getByRole('dialog').waitFor();
      const left = await page.evaluate(`
        keys.value = 'qbr_wrong';
        keys.dispatchEvent(new Event('input'));
        [
          document.querySelectorAll('tbody tr').length,
          total.textContent + active.textContent,
          document.querySelectorAll('#by-status li').length,
          document.querySelectorAll('#vendor option').length,
          detail.open,
          document.getElementById('detail-content').textContent,
        ]
      `);
      expect(left).toEqual([0, '––', 0, 1, false, '']);
    });

    test('drops answers to the former key that come later', async () => {
      const { page } = await openLivePage();
      await page.locator('#state.live').waitFor();
      const held = new Promise<() => Promise<void>>((hold) =>
        page.route('**/graphql', async (route) => {
          if (!route.request().postData()?.includes('OlderJobs')) return route.fallback();
          const response = await route.fetch();
          // The page may have given the request up.
          hold(() => route.fulfill({ response }).catch(() => {}));
        }),
      );
      await page.locator('#end').scrollIntoViewIfNeeded();
      const release = await held;
      await keysOf(page).fill('qbr_wrong');
      await release();
      await page.locator('#state.broken').getByText('does not accept the key').waitFor();
      expect(await rowsOf(page).count()).toBe(0);
    });

    test('says why a key is refused, and goes on with another one', async () => {
      const { page } = await openLivePage();
      await keysOf(page).fill('qbr_wrong');
      await page.locator('#state.broken').getByText('does not accept the key').waitFor();
      await keysOf(page).fill(demo.keys.bob);
      await page.locator('#state.live').waitFor();
      expect(await rowsOf(page).count()).toBe(25);
    });

    test('asks for one where there is none', async () => {
      const { page } = await openLivePage();
      await keysOf(page).fill('');
      await page.locator('#state').getByText('Enter a key').waitFor();
      expect(await page.getByRole('table').count()).toBe(0);
    });
  });

  test('hides the key until somebody reveals it, and keeps it for a reload alone', async () => {
    const { page } = await openLivePage();
    await keysOf(page).fill(demo.keys.bob);
    await page.locator('#state.live').waitFor();
    expect(await keysOf(page).getAttribute('type')).toBe('password');
    await page.getByRole('button', { name: 'Reveal' }).click();
    expect(await keysOf(page).getAttribute('type')).toBe('text');
    await page.reload();
    expect(await keysOf(page).inputValue()).toBe(demo.keys.bob);
    expect(await keysOf(page).getAttribute('type')).toBe('password');
    const { cookies, origins } = await page.context().storageState({ indexedDB: true });
    expect([cookies, origins]).toEqual([[], []]);
  });

  test('shows the jobs of several keys, and says which key is dead', async () => {
    const { page } = await openLivePage();
    const { alice, bob } = demo.keys;
    await keysOf(page).fill(`alice=${alice}, bob=${bob}, dead=qbr_wrong`);
    await page.getByText('dead: The qBraid API does not accept the key').waitFor();
    await page.locator('#state.live').waitFor();
    const details = (await page.locator('tbody small').allInnerTexts()).join('\n');
    expect(details).toMatch(/alice/);
    expect(details).toMatch(/bob/);
    // Both keys have 300 at the start, and get more as time passes.
    await page.locator('#total', { hasText: /^6\d\d$/ }).waitFor();
  });

  test('narrows the list to a status, and to the vendor that somebody clicks on', async () => {
    const { page } = await openLivePage();
    await page.getByLabel('Status', { exact: true }).selectOption('ended');
    await page.locator('#state.live').waitFor();
    const ended = new Set(await page.locator('tbody .status').allInnerTexts());
    expect(['COMPLETED', 'FAILED', 'CANCELLED']).toEqual(expect.arrayContaining([...ended]));

    await page.locator('#by-status button', { hasText: 'COMPLETED' }).click();
    await page.locator('#state.live').waitFor();
    expect(new Set(await page.locator('tbody .status').allInnerTexts())).toEqual(new Set(['COMPLETED']));

    await page.locator('tbody .vendor', { hasText: 'aws' }).first().click();
    await page.locator('#state.live').waitFor();
    expect(new Set(await page.locator('tbody .vendor').allInnerTexts())).toEqual(new Set(['aws']));
    expect(await page.getByLabel('Vendor').inputValue()).toBe('aws');
  });

  test('says that there are no jobs where none fits', async () => {
    const { page } = await openLivePage();
    await page.locator('#state.live').waitFor();
    await page.getByLabel('Search').fill('no such job');
    await page.getByLabel('Latest change').getByText('No jobs.').waitFor();
    expect(await page.getByRole('table').count()).toBe(0);
  });

  test('shows older jobs as somebody scrolls, each of them once, while others move', async () => {
    const { page } = await openLivePage();
    await page.locator('#state.live').waitFor();
    const shown = () =>
      page.evaluate(`{
        const qrns = [...document.querySelectorAll('tbody small')].map(({ title }) => title);
        scrollTo(0, document.body.scrollHeight);
        ({ text: document.getElementById('shown').textContent, rows: qrns.length, different: new Set(qrns).size });
      }`) as Promise<{ text: string; rows: number; different: number }>;
    await expect.poll(async () => (await shown()).text, { timeout: PATIENCE_MS }).toMatch(/^(\d+) of \1$/);
    const { rows, different, text } = await shown();
    expect([different, `${rows} of ${rows}`]).toEqual([rows, text]);
    expect(rows).toBeGreaterThanOrEqual(300);
  });

  test('shows a job with a histogram of its result', async () => {
    const { page, faults } = await openLivePage();
    await openMeasuredJob(page, demo);
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('img', { name: /^Outcomes: [01]+: / }).waitFor();
    expect(await dialog.locator('rect').count()).toBeGreaterThan(0);
    await page.setViewportSize({ width: 400, height: 800 });
    expect(await findTextsBeyond(dialog.getByRole('img'))).toEqual([]);
    expect(await dialog.locator('.facts .status').textContent()).toBe('COMPLETED');
    await dialog.getByRole('button', { name: 'Close' }).click();
    expect(await dialog.count()).toBe(0);
    expect(faults).toEqual([]);
  });

  test.each([400, 1280])('has nothing that keeps people out, at a width of %i', async (width) => {
    const { page } = await openLivePage();
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const { alice, bob } = demo.keys;
    await keysOf(page).fill(`alice=${alice}, bob=${bob}, dead=qbr_wrong`);
    await page.getByText('dead: ').waitFor();
    await page.locator('#by-status button:visible').first().waitFor();
    expect(await page.evaluate('document.body.scrollWidth <= innerWidth')).toBe(true);
    await expectNoBarriers(page, `live-jobs-${width}`);
    await openMeasuredJob(page, demo);
    await page.getByRole('img', { name: 'Outcomes' }).waitFor();
    await expectNoBarriers(page, `live-job-${width}`);
  });

  /** The live page of the demo. */
  async function openLivePage(): Promise<GuardedPage> {
    const guarded = await openPage();
    await guarded.page.goto(demo.livePage);
    return guarded;
  }
});

/** Opens a job that has measured one circuit of qubits. Not every job that is completed has: some are batches or annealed. */
async function openMeasuredJob(page: Page, { playground, keys }: DemoProgram): Promise<void> {
  const query = `{
    jobs(first: 40, filter: { status: COMPLETED }) {
      nodes { qrn result { measurementCounts(first: 1) { bitstring } } }
    }
  }`;
  const response = await fetch(playground, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': keys.alice },
    body: JSON.stringify({ query }),
  });
  const { data } = (await response.json()) as { data: { jobs: { nodes: MeasuredJob[] } } };
  const measured = data.jobs.nodes.find(({ result }) =>
    /^[01]+$/.test(result?.measurementCounts?.[0]?.bitstring ?? ''),
  );
  if (measured === undefined) throw new Error('The demo has no job that has measured one circuit.');
  await page.getByLabel('Search').fill(measured.qrn);
  await rowsOf(page).filter({ hasText: measured.qrn }).getByRole('button').first().click();
}

interface MeasuredJob {
  readonly qrn: string;
  readonly result: { readonly measurementCounts: readonly { readonly bitstring: string }[] | null } | null;
}

/** The texts of a drawing that are cut at its sides. */
async function findTextsBeyond(drawing: Locator): Promise<string[]> {
  const { x, width } = (await drawing.boundingBox()) ?? { x: 0, width: 0 };
  const cut: string[] = [];
  for (const text of await drawing.locator('text').all()) {
    const box = await text.boundingBox();
    if (box === null || box.x < x || box.x + box.width > x + width)
      cut.push((await text.textContent()) ?? '');
  }
  return cut;
}

function keysOf(page: Page) {
  return page.getByLabel('API key');
}

function rowsOf(page: Page) {
  return page.locator('tbody tr');
}
