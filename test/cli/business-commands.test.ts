/** Commands that ask of the business, against a tracker's database as the tracker left it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fits } from '../../tracker/api/auth/users.ts';
import { crossdock } from '../support/command.ts';
import { type Stand, startStand } from '../tracker/api-support.ts';
import { NAMESPACE } from '../tracker/support.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
});
afterAll(() => stand[Symbol.asyncDispose]());
const ask = async (...args: string[]): Promise<string> => {
  const { code, out, error } = await crossdock([...args, '--database', stand.databaseUrl, '-n', NAMESPACE]);
  expect({ code, error }).toEqual({ code: 0, error: '' });
  return out;
};
const askJson = async <T>(...args: string[]): Promise<T> => JSON.parse(await ask(...args, '-o', 'json')) as T;

describe('report', () => {
  const march = ['--from', '2026-03-02', '--to', '2026-03-08'];
  it("tells the console's numbers", async () => {
    const browser = await stand.login('olga');
    const { weeks, partners } = await askJson<{ weeks: object[]; partners: object[] }>('report', ...march);
    const { rows } = await browser.get<{ rows: object[] }>('/measures?from=2026-03-02&to=2026-03-08');
    expect(weeks).toEqual(rows);
    expect(weeks).toMatchObject([
      { week: '2026-03-02', partner: 'acme', transactions: 1, invoiceHolds: 1 },
      { week: '2026-03-02', partner: 'globex', transactions: 1, complete: 0 },
    ]);
    const { items } = await browser.get<{ items: { name: string; scorecard: object }[] }>('/partners');
    expect(partners).toEqual(items.map(({ name, scorecard }) => ({ partner: name, ...scorecard })));
    const one = await askJson<{ weeks: { partner: string }[] }>('report', ...march, '--partner', 'acme');
    expect(one.weeks.map(({ partner }) => partner)).toEqual(['acme']);
  });
  it('reads well', async () => {
    const text = await ask('report', ...march);
    expect(text).toMatch(/2026-03-02 +│ acme +│ +1 +│/);
    expect(text).toMatch(/│ acme +│ +0 +│/);
    expect(await ask('report', '--from', '2020-01-01', '--to', '2020-02-01', '--partner', 'nobody')).toBe(
      `No business transactions in namespace ${NAMESPACE} in these weeks.\n`,
    );
    const { code, error } = await crossdock(['report', '--from', 'March', '--database', stand.databaseUrl]);
    expect({ code, error }).toEqual({ code: 1, error: 'error  --from March: write a day as 2026-03-02\n' });
  });
});

describe('exceptions and facts', () => {
  it('lists what disagrees, and what a person does about it', async () => {
    const text = await ask('exceptions');
    expect(text).toMatch(/PO-1 +│ 1 +│ InvoicedTooMuch/);
    expect(await ask('exceptions', '--key', 'PO-1')).toMatch(/three-way\/InvoicedTooMuch\/1 +│ 1 +│ InvoicedTooMuch/);
    const { exceptions } = await askJson<{ exceptions: { key: string; id: string; owner?: string }[] }>(
      'exceptions',
      '--key',
      'PO-1',
    );
    expect(exceptions.map(({ key }) => key)).toContain('PO-1');
    expect(await ask('exceptions', 'assign', 'PO-1', '--owner', 'mia', '--by', 'olga')).toMatch(/^(\d) of \1 done\n$/);
    const { code, error } = await crossdock(['exceptions', '--limit', 'x', '--database', stand.databaseUrl]);
    expect({ code, error }).toEqual({ code: 1, error: 'error  --limit x: a whole number above 0 is expected\n' });
  });
  it('a fact is recorded and withdrawn', async () => {
    const record = ['fact', 'record', 'PO-2', 'Confirmed', '--reason', 'confirmed by phone', '--by', 'olga'];
    const id = (await ask(...record)).trim();
    const [kept] = (
      await stand.database.query('select milestone, by, withdrawn_by from facts_by_hand where id = $1', [id])
    ).rows;
    expect(kept).toEqual({ milestone: 'Confirmed', by: 'olga', withdrawn_by: null });
    await ask('fact', 'withdraw', id, '--reason', 'wrong order', '--by', 'olga');
    const again = await crossdock([
      'fact',
      'withdraw',
      id,
      '--reason',
      'x',
      '--database',
      stand.databaseUrl,
      '-n',
      NAMESPACE,
    ]);
    expect(again).toMatchObject({ code: 1, error: `error  no fact ${id} is in force\n` });
    for (const [wrong, why] of [
      [['PO-9', 'Confirmed'], 'No BusinessProcess has a transaction PO-9'],
      [['PO-2', 'Confirmd'], 'inbound has no milestone Confirmd: Released, Confirmed, '],
    ] as const) {
      const refused = await crossdock([
        'fact',
        'record',
        ...wrong,
        '--reason',
        'x',
        '--database',
        stand.databaseUrl,
        '-n',
        NAMESPACE,
      ]);
      expect(refused.code).toBe(1);
      expect(refused.error).toContain(why);
    }
  });
});

describe('user hash', () => {
  it('makes a hash that lets the same password in', async () => {
    const { code, out } = await crossdock(['user', 'hash'], 'correct horse battery staple\n');
    expect(code).toBe(0);
    expect(await fits('correct horse battery staple', out.trim())).toBe(true);
    expect(await fits('correct horse battery stapler', out.trim())).toBe(false);
    const short = await crossdock(['user', 'hash'], 'short');
    expect(short).toEqual({ code: 1, out: '', error: 'error  A password has at least 12 characters\n' });
  });
});

it('without a database each says where to get one', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'crossdock-test-'));
  for (const verb of [['report'], ['exceptions'], ['tables', 'list'], ['fact', 'withdraw', 'x', '--reason', 'y']])
    expect((await crossdock(verb, '', { CROSSDOCK_CACHE: cache })).error).toBe(
      'error  No tracker: start `crossdock dev FOLDER`, or name its database by --database or $CROSSDOCK_DATABASE\n',
    );
  rmSync(cache, { recursive: true });
});
