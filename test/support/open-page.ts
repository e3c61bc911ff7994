import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, onTestFinished } from 'vitest';
import { findChromium } from './find-chromium.ts';

/** A page, and what it must not have done. */
export interface GuardedPage {
  readonly page: Page;
  /**
   * The addresses beyond this machine that it asked for in vain, the errors that its scripts threw, and what its
   * Content-Security-Policy kept it from.
   */
  readonly faults: readonly string[];
}

export interface PageOpener {
  /** Opens an empty page with cookies and storage of its own. It closes with the test. */
  openPage(): Promise<GuardedPage>;
  /** The same for several tests: it closes with the browser. */
  openLastingPage(): Promise<GuardedPage>;
  /** False where no Chromium is on the PATH, unless `REQUIRE_CHROMIUM=1` turns that into a failure. */
  readonly isPossible: boolean;
  /** Stands behind the titles of what is skipped. */
  readonly notice: string;
}

/** Less than a test has, so that a failure tells what was waited for; enough for a first start from a cold disk. */
export const PATIENCE_MS = 45_000;

/** Opens pages for the tests of a file, in one Chromium that starts with the first page and ends with the file. */
export function createPageOpener(): PageOpener {
  const executablePath = findChromium();
  const isPossible = executablePath !== null || process.env['REQUIRE_CHROMIUM'] === '1';
  let browser: Promise<Browser> | null = null;
  afterAll(async () => (await browser)?.close());
  async function openLastingPage(): Promise<GuardedPage> {
    browser ??= launch(executablePath);
    const page = await (await browser).newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(PATIENCE_MS);
    return { page, faults: await guard(page) };
  }
  return {
    async openPage() {
      const guarded = await openLastingPage();
      onTestFinished(() => guarded.page.close());
      return guarded;
    },
    openLastingPage,
    isPossible,
    notice: isPossible ? '' : ' (skipped: no Chromium found)',
  };
}

async function launch(executablePath: string | null): Promise<Browser> {
  if (executablePath === null) {
    throw new Error('REQUIRE_CHROMIUM is set, but no Chromium is on the PATH: install one.');
  }
  const args = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-component-update'];
  // No sandbox: in containers, where tests often run as root, Chromium does not start with one.
  return chromium.launch({ executablePath, chromiumSandbox: false, args, timeout: PATIENCE_MS });
}

/** Lets a page reach nothing but this machine. */
async function guard(page: Page): Promise<readonly string[]> {
  const faults: string[] = [];
  await page.context().route('**', (route) => {
    const address = new URL(route.request().url());
    if (['blob:', 'data:'].includes(address.protocol) || address.hostname === '127.0.0.1') {
      return route.continue();
    }
    faults.push(address.href);
    return route.abort();
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) faults.push(message.text());
  });
  return faults;
}
