/** Every page of the console in a real Chromium: rules of axe in both themes and at both widths, and budgets. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureConsole } from '../../console/build.ts';
import { startBrowser } from '../support/browser.ts';
import { contextOf, settled } from './browse.ts';
import { type ConsoleStand, startConsoleStand } from './stand.ts';

let stand: ConsoleStand;
let browser: Browser;
let folder: string;
let paths: string[];
beforeAll(async () => {
  folder = await ensureConsole(() => {});
  [stand, browser] = await Promise.all([startConsoleStand(folder), startBrowser()]);
  await stand.settled();
  const { timeline } = await stand.get<{ timeline: { id: string; type: string }[] }>('/transactions/inbound/PO-1001');
  const notice = timeline.find(({ type }) => type.startsWith('ship-notice'))!;
  const { items } = await stand.get<{ items: { fingerprint: string }[] }>('/dead-letters');
  paths = [
    '/',
    '/today?day=2026-03-09',
    '/transactions',
    '/transactions/inbound/PO-1003',
    `/documents/${encodeURIComponent(notice.id)}`,
    `/documents/${encodeURIComponent(notice.id)}?view=words`,
    '/exceptions?state=All',
    '/dead-letters',
    `/dead-letters/${encodeURIComponent(items[0]!.fingerprint)}`,
    '/replays',
    '/partners',
    '/partners/acme-supplies',
    '/integrations',
    '/measures',
    '/audit',
    '/nowhere',
  ];
});
afterAll(async () => {
  await browser?.close();
  await stand?.[Symbol.asyncDispose]();
});

it('the list of pages misses none that the console has', () => {
  const known = [
    ...readFileSync(join(import.meta.dirname, '../../console/src/app.tsx'), 'utf8').matchAll(/^ {2}\['(\/.*?)', /gm),
  ];
  expect(known.length).toBeGreaterThan(10);
  const patterns = known.map(([, path]) => path!);
  const unvisited = patterns.filter(
    (pattern) =>
      !paths.some((path) => new RegExp(`^${pattern.replaceAll(/:\w+/g, '[^/?]+')}$`).test(path.split('?')[0]!)),
  );
  expect(unvisited).toEqual([]);
});

/** No rule of axe depends on theme and width together: each of both is looked at once, for a look takes a second. */
const LOOKS = [
  ['light', 1440],
  ['dark', 390],
] as const;
it('every page, light at 1440 px and dark at 390 px, breaks no rule of axe and does not scroll sideways', {
  timeout: 600_000,
}, async () => {
  const found: string[] = [];
  const context = await contextOf(browser, stand.url);
  try {
    const page = await context.newPage();
    for (const path of paths) {
      await page.goto(path);
      await settled(page);
      for (const [colorScheme, width] of LOOKS) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 844 });
        const over = await overhang(page);
        const where = `${path} ${colorScheme} at ${width} px`;
        if (over > 0) found.push(`${where} is ${over} px wider than the screen`);
        const { violations } = await new AxeBuilder({ page }).analyze();
        for (const { id, nodes } of violations)
          found.push(`${where} ${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
      }
    }
  } finally {
    await context.close();
  }
  expect(found).toEqual([]);
});
/** Drawings are laid out anew for the room that there is: what stays too wide counts. */
async function overhang(page: Page): Promise<number> {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  const wider = () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  await vi.waitFor(async () => expect(await wider()).toBeLessThanOrEqual(0), { timeout: 3_000 }).catch(() => {});
  return wider();
}

describe('budgets', () => {
  it('all scripts together are at most 150 kB, gzipped', () => {
    const assets = join(folder, 'assets');
    const sizes = readdirSync(assets)
      .filter((name) => name.endsWith('.js'))
      .map((name) => gzipSync(readFileSync(join(assets, name))).length);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(10_000);
    expect(total).toBeLessThanOrEqual(150_000);
  });

  it('content of every page is there within a second, with nothing in the cache', { timeout: 300_000 }, async () => {
    const late: string[] = [];
    for (const path of paths) {
      // The best of three: what others do on this machine is not the page's.
      const times: number[] = [];
      while (times.length < 3 && !times.some((time) => time <= 1_000)) times.push(await firstContent(path));
      if (Math.min(...times) > 1_000) late.push(`${path}: ${times.map(Math.round).join(', ')} ms`);
    }
    expect(late).toEqual([]);
  });
});
async function firstContent(path: string): Promise<number> {
  const context = await contextOf(browser, stand.url);
  try {
    const page = await context.newPage();
    await page.goto(path);
    await settled(page);
    return await page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0].startTime");
  } finally {
    await context.close();
  }
}
