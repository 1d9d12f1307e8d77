/** A real Chromium: $CHROMIUM_PATH, else the one of the npm package @sparticuz/chromium, which needs no root and no further download. */
import { existsSync } from 'node:fs';
import { type Browser, chromium as playwright } from 'playwright-core';

/** One process for everything and no same-origin rule: made for a function service, not for telling the truth about a page. */
const UNWANTED = ['--single-process', '--disable-web-security', '--disable-site-isolation-trials'];

export async function startBrowser(): Promise<Browser> {
  const own = process.env.CHROMIUM_PATH;
  if (own) return playwright.launch({ executablePath: own, args: ['--no-sandbox'] });
  const { default: chromium } = await import('@sparticuz/chromium');
  const executablePath = await chromium.executablePath();
  if (!existsSync(executablePath)) throw new Error('no Chromium: set $CHROMIUM_PATH to one');
  return playwright.launch({
    executablePath,
    args: [...chromium.args.filter((each) => !UNWANTED.includes(each)), '--disable-dev-shm-usage'],
  });
}
