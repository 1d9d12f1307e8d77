/** The console in a real Chromium, on a real tracker with the documents of a few orders. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureConsole } from '../../console/build.ts';
import type { Overview } from '../../tracker/api/contract.ts';
import { startBrowser } from '../support/browser.ts';
import { type ConsoleStand, startConsoleStand } from './stand.ts';

let stand: ConsoleStand;
let browser: Browser;
let folder: string;
beforeAll(async () => {
  folder = await ensureConsole(() => {});
  [stand, browser] = await Promise.all([startConsoleStand(folder), startBrowser()]);
  await vi.waitFor(
    async () => {
      const { deadLetters, exceptions, inFlight } = await overview();
      expect([deadLetters.count, exceptions.open > 0, inFlight.count]).toEqual([2, true, 0]);
    },
    { timeout: 60_000, interval: 200 },
  );
});
afterAll(async () => {
  await browser?.close();
  await stand?.[Symbol.asyncDispose]();
});

async function get<T>(path: string): Promise<T> {
  const response = await fetch(`${stand.url}/api/v1${path}`);
  return (await response.json()) as T;
}
const overview = () => get<Overview>('/overview');

const WAIT_MS = 15_000;
async function context(): Promise<BrowserContext> {
  const made = await browser.newContext({
    baseURL: stand.url,
    viewport: { width: 1440, height: 900 },
    colorScheme: 'light',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
  });
  made.setDefaultTimeout(WAIT_MS);
  return made;
}
/** Opened, and everything read. What the page's scripts complain of fails the test. */
async function visit(path: string): Promise<Page & AsyncDisposable> {
  const own = await context();
  const page = await own.newPage();
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.goto(path);
  await settled(page);
  return Object.assign(page, {
    async [Symbol.asyncDispose]() {
      await own.close();
      expect(errors).toEqual([]);
    },
  });
}
const settled = async (page: Page): Promise<void> => {
  await page.locator('h1').waitFor();
  await page.locator('main').waitFor();
  await vi.waitFor(async () => expect(await page.locator('[aria-busy]').count()).toBe(0), { timeout: WAIT_MS });
};
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();

describe('what people do', () => {
  it('an order is found by a number of its shipment, from any page', async () => {
    await using page = await visit('/partners');
    await page.keyboard.press('/');
    await page.keyboard.type('AC-S-1003');
    await page.keyboard.press('Enter');
    await heading(page, 'Transactions');
    await page.getByRole('link', { name: 'PO-1003' }).click();
    await heading(page, 'PO-1003');
    const line = page
      .getByRole('region', { name: /Order lines/ })
      .getByRole('row')
      .nth(1);
    // Ordered, confirmed, shipped, received, damaged, invoiced, open.
    expect(await line.innerText()).toMatch(/60 EA\s+60\s+60\s+58\s+2\s+60\s+2/s);
    for (const name of ['Purchase order', 'Order response', 'Ship notice', 'Receipt', 'Invoice'])
      await page.getByRole('link', { name, exact: true }).waitFor();
  });

  it('a pasted list finds all of it and says what is not there', async () => {
    await using page = await visit('/transactions');
    await page.getByRole('button', { name: 'Paste a list' }).click();
    await page.getByRole('textbox', { name: /Numbers from a sheet/ }).fill('PO-1001\nAC-S-1002,PO-9999');
    await page.getByRole('button', { name: 'Find them' }).click();
    await page.getByText('1 number of your list not found').waitFor();
    expect(await page.getByRole('link', { name: /^PO-/ }).allInnerTexts()).toEqual(
      expect.arrayContaining(['PO-1001', 'PO-1002']),
    );
  });

  it('a payload is shown in our form beside what the mapping made of it, as EDI and in its words', async () => {
    await using page = await visit('/transactions/inbound/PO-1001');
    await page.getByRole('link', { name: 'Purchase order' }).click();
    await heading(page, 'Purchase order');
    const ours = page.getByRole('region', { name: 'In our form' });
    const sent = page.getByRole('region', { name: 'As it was sent to supplier' });
    await sent.getByText('BEG*00*SA*PO-1001').waitFor();
    // The supplier's number in our ERP is for us alone; the order's number is on both sides.
    await ours.locator('mark', { hasText: '100345' }).waitFor();
    expect(await ours.locator('mark', { hasText: 'PO-1001' }).count()).toBe(0);
    await page.getByRole('button', { name: 'With its words' }).click();
    await page.getByText('Beginning Segment for Purchase Order').first().waitFor();
    expect(page.url()).toContain('view=words');
  });

  it('an exception is resolved with an effect, by somebody, for a reason', async () => {
    await using page = await visit('/exceptions');
    await page
      .getByRole('checkbox', { name: /PO-1003/ })
      .first()
      .check();
    await page.getByRole('button', { name: 'Resolve' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Debit note', { exact: true }).click();
    expect(await dialog.getByRole('button', { name: 'Resolve' }).isDisabled()).toBe(true);
    await dialog.getByRole('textbox', { name: /Reason/ }).fill('credit note agreed with Ms Wu');
    await dialog.getByRole('button', { name: 'Resolve' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await expect
      .poll(() => get('/exceptions?state=Closed'), { timeout: WAIT_MS })
      .toMatchObject({ items: [expect.objectContaining({ key: 'PO-1003', closedBy: 'Person' })] });
    await page.goto('/audit');
    await page.getByText('credit note agreed with Ms Wu').waitFor();
  });

  it('a group of dead letters is sent on after its dry run said what would happen', async () => {
    await using page = await visit('/dead-letters?integration=invoice');
    await page
      .getByRole('row', { name: /VENDOR_BLOCKED|refused/i })
      .getByRole('link')
      .first()
      .click();
    await page.getByRole('button', { name: 'Replay it' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 document would be sent on.').waitFor();
    expect((await overview()).deadLetters.count).toBe(2);
    stand.mend();
    await dialog.getByRole('textbox', { name: /Reason/ }).fill('vendor unblocked');
    await dialog.getByRole('button', { name: 'Replay them' }).click();
    await expect.poll(async () => (await overview()).deadLetters.count, { timeout: WAIT_MS }).toBe(1);
    expect(
      stand.ledger.effects.filter(({ path, body }) => path === '/invoices' && body.orderNumber === 'PO-1002'),
    ).toHaveLength(1);
  });

  it('an integration is held and let go; what is released meanwhile waits', async () => {
    await using page = await visit('/integrations');
    const card = page.locator('#integration-purchase-order');
    await card.getByRole('button', { name: 'Hold' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: /Reason/ }).fill('the ERP closes its month');
    await dialog.getByRole('button', { name: 'Hold it' }).click();
    // It is in force when the dialog closes: the topology and every runtime have it.
    await dialog.waitFor({ state: 'hidden', timeout: 40_000 });
    await card.getByText('On hold', { exact: true }).waitFor();
    const number = await stand.release();
    const sent = () => stand.ledger.effects.some(({ body }) => JSON.stringify(body).includes(number));
    await page.getByRole('button', { name: 'Let it go' }).waitFor();
    expect(sent()).toBe(false);
    await page.getByRole('button', { name: 'Let it go' }).click();
    await dialog.getByRole('button', { name: 'Let it go' }).click();
    await expect.poll(sent, { timeout: 30_000 }).toBe(true);
  });

  it('what comes is shown as it comes', async () => {
    await using page = await visit('/transactions?sort=-opened');
    await page.locator('.live.on').waitFor();
    const number = await stand.release();
    await page.getByRole('link', { name: number }).waitFor();
  });

  it('a fact by hand reaches a milestone', async () => {
    await using page = await visit('/transactions/inbound/PO-1004');
    await page.getByRole('button', { name: 'Record a fact' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'What happened' }).selectOption('Confirmed');
    await dialog.getByRole('textbox', { name: /How it is known/ }).fill('confirmed by phone, Ms Wu');
    await dialog.getByRole('button', { name: 'Record it' }).click();
    await page.getByText('by hand').first().waitFor();
  });

  it('everything by keyboard: there, through the rows, into one, and back', async () => {
    await using page = await visit('/');
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await heading(page, 'Transactions');
    await settled(page);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    const row = page.locator('tr[data-row]').first();
    const key = await row.getByRole('link').innerText();
    expect(await page.evaluate('document.activeElement.matches("tr[data-row]:first-child")')).toBe(true);
    await page.keyboard.press('Enter');
    await heading(page, key);
    // Whoever reads by ear hears where they are.
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.goBack();
    await heading(page, 'Transactions');
  });
});

const PAGES = [
  '/',
  '/today?day=2026-03-09',
  '/transactions',
  '/transactions/inbound/PO-1003',
  '/exceptions?state=All',
  '/dead-letters',
  '/replays',
  '/partners',
  '/partners/acme-supplies',
  '/integrations',
  '/measures',
  '/audit',
  '/nowhere',
];
async function documentPath(): Promise<string> {
  const { timeline } = await get<{ timeline: { id: string; type: string }[] }>('/transactions/inbound/PO-1001');
  return `/documents/${encodeURIComponent(timeline.find(({ type }) => type.startsWith('ship-notice'))!.id)}`;
}
async function letterPath(): Promise<string> {
  const { items } = await get<{ items: { fingerprint: string }[] }>('/dead-letters');
  return `/dead-letters/${encodeURIComponent(items[0]!.fingerprint)}`;
}

describe('every page', () => {
  it('breaks no rule of axe, light or dark, and does not scroll sideways at 390 px', { timeout: 150_000 }, async () => {
    const found: string[] = [];
    await using page = await visit('/');
    for (const path of [...PAGES, await documentPath(), await letterPath()]) {
      await page.emulateMedia({ colorScheme: 'light' });
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.goto(path);
      await settled(page);
      const look = async (how: string, rules?: string[]): Promise<void> => {
        const axe = new AxeBuilder({ page });
        const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
        for (const { id, nodes } of violations)
          found.push(`${path} ${how} ${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
      };
      await look('light');
      // Only colours differ.
      await page.emulateMedia({ colorScheme: 'dark' });
      await look('dark', ['color-contrast', 'link-in-text-block']);
      await page.setViewportSize({ width: 390, height: 844 });
      const wider = () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      // Drawings are laid out anew for the room that there is.
      await vi.waitFor(async () => expect(await wider()).toBeLessThanOrEqual(0), { timeout: 5_000 }).catch(() => {});
      const over = await wider();
      if (over > 0) found.push(`${path} is ${over} px wider than a screen of 390 px`);
    }
    expect(found).toEqual([]);
  });
});

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

  it('content is there within a second', async () => {
    const times: number[] = [];
    for (let i = 0; i < 3; i++) {
      await using page = await visit('/');
      times.push(
        await page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 1e9"),
      );
    }
    expect(Math.min(...times)).toBeLessThanOrEqual(1_000);
  });
});
