/** The console in a real Chromium, on a real tracker with the documents of a few orders. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureConsole } from '../../console/build.ts';
import type { ExceptionList, Overview } from '../../tracker/api/contract.ts';
import { startReplay } from '../../tracker/replay/store.ts';
import { startBrowser } from '../support/browser.ts';
import { heading, settled, visit as visitAt, WAIT_MS } from './browse.ts';
import { type ConsoleStand, startConsoleStand } from './stand.ts';

let stand: ConsoleStand;
let browser: Browser;
beforeAll(async () => {
  const folder = await ensureConsole(() => {});
  [stand, browser] = await Promise.all([startConsoleStand(folder), startBrowser()]);
  await stand.settled();
});
afterAll(async () => {
  await browser?.close();
  await stand?.[Symbol.asyncDispose]();
});

const get = <T>(path: string): Promise<T> => stand.get<T>(path);
const overview = () => get<Overview>('/overview');
const visit = (path: string) => visitAt(browser, stand.url, path);

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

  it('exceptions are given to somebody together, and put off: what is put off leaves the list until then', async () => {
    await using page = await visit('/exceptions');
    const table = page.getByRole('table', { name: 'Exceptions' });
    const keys = async () => (await get<ExceptionList>('/exceptions')).items.length;
    const before = await keys();
    await page.getByRole('checkbox', { name: 'All rows' }).check();
    await page.getByText(`${before} chosen`).waitFor();
    await page.getByRole('button', { name: 'Assign' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'New owner' }).fill('bert');
    await dialog.getByRole('button', { name: 'Assign' }).click();
    await page.getByText(`Assign: ${before} exceptions done`).waitFor();
    await expect.poll(() => table.getByRole('cell', { name: 'bert' }).count(), { timeout: WAIT_MS }).toBe(before);
    await page.getByRole('button', { name: 'Mine' }).click();
    await page.getByText('Nothing to settle').waitFor();
    await page.getByRole('button', { name: 'Anybody’s' }).click();
    // By keyboard: a row is chosen and put off.
    await table.getByRole('row', { name: /PO-1002/ }).focus();
    await page.keyboard.press('x');
    await page.getByRole('button', { name: 'Snooze', exact: true }).click();
    await dialog.getByRole('textbox', { name: 'Comment' }).fill('the supplier counts again');
    await dialog.getByRole('button', { name: 'Snooze' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await expect.poll(keys, { timeout: WAIT_MS }).toBe(before - 1);
    await page.getByRole('button', { name: 'Snoozed' }).click();
    await page.getByText('“the supplier counts again”').waitFor();
    expect(await table.locator('tr[data-row]').count()).toBe(1);
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
    // The ERP is told, once.
    const told = () => stand.ledger.effects.filter(({ path }) => path === '/debit-notes').length;
    await expect.poll(told, { timeout: 30_000 }).toBe(1);
    await page.goto('/audit');
    await page.getByText('credit note agreed with Ms Wu').waitFor();
    await page
      .getByRole('link', { name: /^Exception\/inbound\/PO-1003/ })
      .first()
      .click();
    await heading(page, 'PO-1003');
  });

  it('a group of dead letters leads to its example, the example to what it held', async () => {
    await using page = await visit('/dead-letters');
    await page
      .getByRole('row', { name: /Could not be read/ })
      .getByRole('link')
      .first()
      .click();
    await page.getByText('ISA*00*').waitFor();
    await page.getByRole('link', { name: 'Open the example' }).click();
    await page.getByRole('table', { name: 'What happened to it' }).getByText('Failed', { exact: true }).waitFor();
    await page.getByText('ISA*00*').waitFor();
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

  it('a replay can be run when its trial has told what is meant, and no sooner', async () => {
    await using page = await visit('/replays');
    await page.getByRole('button', { name: 'New replay' }).click();
    const dialog = page.getByRole('dialog');
    const run = dialog.getByRole('button', { name: 'Replay them' });
    await dialog.getByRole('combobox', { name: 'Integration' }).selectOption('order-response');
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('the ERP lost a morning');
    expect(await run.isDisabled()).toBe(true);
    await dialog.getByRole('button', { name: 'Try it' }).click();
    await dialog.getByText('3 documents would be sent on again.').waitFor();
    // Another choice has not been tried.
    await dialog.getByRole('combobox', { name: 'Partner' }).selectOption('sunrise-goods');
    expect(await run.isDisabled()).toBe(true);
    await dialog.getByRole('combobox', { name: 'Partner' }).selectOption('');
    await dialog.getByText('3 documents would be sent on again.').waitFor();
    await run.click();
    await dialog.waitFor({ state: 'hidden' });
    const row = page.getByRole('row', { name: /the ERP lost a morning/ });
    await row.getByText('3 of 3').waitFor();
    await row.getByRole('button', { name: 'Outcomes' }).click();
    await expect.poll(() => dialog.getByRole('listitem').count(), { timeout: WAIT_MS }).toBe(3);
  });

  it('a replay above its limit begins when another person approves it', async () => {
    const ask = (requestedBy: string, reason: string) =>
      startReplay(stand.database, stand.namespace, {
        ...{ requestedBy, reason, mode: 'Run', limit: 1, selector: { integration: 'order-response' } },
      });
    await ask('bert', 'asked by Bert');
    await ask('anna', 'asked by myself');
    await using page = await visit('/replays');
    const row = (name: RegExp) => page.getByRole('row', { name });
    await row(/asked by myself/)
      .getByText('Needs a second person')
      .waitFor();
    expect(
      await row(/asked by myself/)
        .getByRole('button', { name: 'Approve' })
        .count(),
    ).toBe(0);
    await row(/asked by Bert/)
      .getByRole('button', { name: 'Approve' })
      .click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('bert wants 3 documents sent on again').waitFor();
    await dialog.getByRole('button', { name: 'Approve it' }).click();
    await row(/asked by Bert/)
      .getByText('3 of 3')
      .waitFor();
    await row(/asked by myself/)
      .getByRole('button', { name: 'Cancel' })
      .click();
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('Bert did it');
    await dialog.getByRole('button', { name: 'Cancel it' }).click();
    await row(/asked by myself/)
      .getByText('Cancelled', { exact: true })
      .waitFor();
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
