/** Who is at the console: logging in, what each role sees, saved views, and what a page says when the API refuses or is away. */

import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureConsole } from '../../console/build.ts';
import type { AuditList } from '../../tracker/api/contract.ts';
import { startBrowser } from '../support/browser.ts';
import { PASSWORD, type Stand, startStand } from '../tracker/api-support.ts';
import { heading, open, settled } from './browse.ts';

let stand: Stand;
let browser: Browser;
let folder: string;
beforeAll(async () => {
  folder = await ensureConsole(() => {});
  [stand, browser] = await Promise.all([startStand({ console: folder }), startBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stand?.[Symbol.asyncDispose]();
});

const refused = async (actor: string): Promise<string[]> => {
  const { items } = await (await stand.login('olga')).get<AuditList>(`/audit?actor=${actor}&limit=100`);
  return items.flatMap(({ outcome, act, target }) => (outcome === 'Refused' ? [`${act} ${target}`] : []));
};
async function logIn(page: Page, user: string, password = PASSWORD): Promise<void> {
  await page.getByRole('textbox', { name: 'User' }).fill(user);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.keyboard.press('Enter');
}
async function as(user: string, path: string): Promise<Page & AsyncDisposable> {
  const page = await open(browser, stand.url);
  await page.goto(path);
  await logIn(page, user);
  await page.locator('.live.on').waitFor();
  await settled(page);
  return page;
}

describe('logging in', () => {
  it('by keyboard; a wrong password is said, and the page asked for comes after', async () => {
    await using page = await open(browser, stand.url);
    await page.goto('/transactions?state=Open&partner=globex');
    await heading(page, 'Log in');
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await logIn(page, 'olga', 'guessed');
    await page.getByRole('alert').waitFor();
    await logIn(page, 'olga');
    await heading(page, 'Transactions');
    await page.getByRole('link', { name: 'PO-2' }).waitFor();
    expect(await page.getByRole('link', { name: 'PO-1' }).count()).toBe(0);
    expect(new URL(page.url()).search).toBe('?state=Open&partner=globex');
  });

  it('a session that ends while one reads asks for a login, and leads back', async () => {
    await using page = await as('olga', '/exceptions');
    await page.context().clearCookies();
    await page.getByRole('link', { name: 'Partners', exact: true }).click();
    await heading(page, 'Log in');
    await logIn(page, 'olga');
    await heading(page, 'Partners');
  });

  it('who logs out is out', async () => {
    await using page = await as('vera', '/');
    await page.getByRole('button', { name: 'Log out' }).click();
    await heading(page, 'Log in');
    await page.goto('/transactions');
    await heading(page, 'Log in');
  });
});

describe('roles', () => {
  it('a partner comes to its own orders; nothing that it may not see is offered, or asked for behind its back', async () => {
    await using page = await as('globex-user', '/');
    await heading(page, 'Transactions');
    const pages = page.getByRole('navigation', { name: 'Pages' }).getByRole('link');
    const names = await pages.allInnerTexts();
    expect(names).toEqual(['Today', 'Transactions', 'Exceptions', 'Partners', 'Measures']);
    for (const name of names) {
      await pages.filter({ hasText: name }).click();
      await heading(page, name);
      await settled(page);
      expect(await page.getByRole('alert').count(), name).toBe(0);
      expect(await page.locator('main').innerText(), name).not.toMatch(/acme|PO-1\b/i);
    }
    await page.goto('/transactions/inbound/PO-2');
    await heading(page, 'PO-2');
    await page.getByRole('link', { name: 'Order', exact: true }).click();
    await settled(page);
    expect(await page.getByRole('button', { name: /Record a fact|Send again|Hold|Edit/ }).count()).toBe(0);
    await page.goto('/dead-letters');
    await heading(page, 'Not for your role');
    await page.goto('/transactions/inbound/PO-1');
    await page.getByRole('alert').getByText('not found', { exact: false }).waitFor();
    expect(await refused('globex-user')).toEqual([]);
  });

  it('a viewer sees all but the audit and contents, and no button that acts', async () => {
    await using page = await as('vera', '/');
    const names = await page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allInnerTexts();
    expect(names.join()).toContain('Dead letters');
    expect(names.join()).not.toContain('Audit');
    for (const path of [
      '/exceptions',
      '/transactions/inbound/PO-1',
      '/documents/order-PO-1',
      '/dead-letters',
      '/replays',
      '/integrations',
    ]) {
      await page.goto(path);
      await settled(page);
      const acts = page
        .locator('main')
        .getByRole('button', { name: /Assign|Resolve|Record|Send again|Edit|Replay|Discard|Hold/ });
      expect(await acts.count(), path).toBe(0);
    }
    expect(await refused('vera')).toEqual([]);
  });

  it('what was allowed when the page was opened and is refused now is said in the dialog, with what to do', async () => {
    await using page = await as('olga', '/integrations');
    await page.route('**/api/v1/holds', (route) =>
      route.fulfill({
        status: 403,
        contentType: 'application/problem+json',
        json: {
          type: 'about:blank',
          title: 'Forbidden',
          status: 403,
          detail: 'this needs the role Operator; you are Viewer',
        },
      }),
    );
    await page.getByRole('button', { name: 'Hold' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('month end');
    await dialog.getByRole('button', { name: 'Hold it' }).click();
    await dialog.getByRole('alert').getByText('Ask somebody who may').waitFor();
    expect(await dialog.getByRole('textbox', { name: 'Reason' }).inputValue()).toBe('month end');
  });
});

describe('saved views', () => {
  it('filters are kept under a name, shared with all, and deleted by whose they are', async () => {
    await using page = await as('olga', '/transactions?state=Open&exception=true');
    await page.getByText('Views', { exact: true }).click();
    await page.getByRole('button', { name: 'Save these filters' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('To look at');
    await dialog.getByRole('checkbox', { name: 'Everybody sees it' }).check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'To look at' }).waitFor();

    await using other = await as('vera', '/transactions');
    await other.getByText('Views', { exact: true }).click();
    expect(await other.getByRole('button', { name: /^Delete the view/ }).count()).toBe(0);
    await other.getByRole('link', { name: 'To look at' }).click();
    await other.waitForURL(
      (url) => url.searchParams.get('exception') === 'true' && url.searchParams.get('state') === 'Open',
    );
    await other.getByRole('button', { name: 'With exception', pressed: true }).waitFor();

    await page.getByRole('button', { name: 'Delete the view To look at' }).click();
    await page.getByRole('link', { name: 'To look at' }).waitFor({ state: 'detached' });
  });
});

describe('when the API is away', () => {
  it('a page says so, keeps what it showed, and goes on by itself when the API is back', async () => {
    await using page = await as('olga', '/transactions');
    await page.getByRole('link', { name: 'PO-1' }).waitFor();
    await page.route('**/api/v1/**', (route) => route.abort());
    await page.getByRole('link', { name: 'Partners', exact: true }).click();
    await page.getByRole('alert').getByText('Crossdock does not answer').waitFor();
    await page.getByRole('link', { name: 'Transactions', exact: true }).click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('link', { name: 'PO-1' }).waitFor();
    await page.unroute('**/api/v1/**');
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  it('an address that is none shows a page, not an empty one', async () => {
    await using page = await as('olga', '/transactions/inbound/%E0%A4%A');
    await heading(page, 'There is no such page');
  });
});
