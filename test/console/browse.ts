/** Pages of the console in a real browser, for tests: opened, awaited, looked at. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect, vi } from 'vitest';

export const WAIT_MS = 15_000;
export type Theme = 'light' | 'dark';

export async function contextOf(browser: Browser, baseURL: string, theme: Theme = 'light'): Promise<BrowserContext> {
  const made = await browser.newContext({
    baseURL,
    viewport: { width: 1440, height: 900 },
    colorScheme: theme,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
  });
  made.setDefaultTimeout(WAIT_MS);
  return made;
}

/** A page of a context of its own. What its scripts complain of fails the test. */
export async function open(browser: Browser, baseURL: string): Promise<Page & AsyncDisposable> {
  const own = await contextOf(browser, baseURL);
  const page = await own.newPage();
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  return Object.assign(page, {
    async [Symbol.asyncDispose]() {
      await own.close();
      expect(errors).toEqual([]);
    },
  });
}
/** Opened, and everything read. */
export async function visit(browser: Browser, baseURL: string, path: string): Promise<Page & AsyncDisposable> {
  const page = await open(browser, baseURL);
  await page.goto(path);
  await settled(page);
  return page;
}

export const settled = async (page: Page): Promise<void> => {
  await page.locator('h1').waitFor();
  await page.locator('main').waitFor();
  await vi.waitFor(async () => expect(await page.locator('[aria-busy]').count()).toBe(0), { timeout: WAIT_MS });
};
export const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();
