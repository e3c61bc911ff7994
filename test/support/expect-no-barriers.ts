import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Axe finds nothing on the page, in light colours and in dark ones. Keeps a picture of both in `coverage/`. */
export async function expectNoBarriers(page: Page, picture: string): Promise<void> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(`${axe.source}; null`);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `coverage/${picture}-${colorScheme}.png` });
    // Nothing but contrast depends on colours, and to look for all takes longer.
    expect(await findBarriers(page, colorScheme === 'light' ? {} : { runOnly: ['color-contrast'] })).toEqual(
      [],
    );
  }
}

/** What axe finds, with the elements that it finds it at. */
async function findBarriers(page: Page, options: axe.RunOptions): Promise<unknown> {
  const run = `axe.run(${JSON.stringify({ ...options, resultTypes: ['violations'] })})`;
  return page.evaluate(
    `${run}.then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))`,
  );
}
