/** The tracker on a real stream and a real PostgreSQL: it loses no entry, doubles none, and tells of what the journal no longer holds. */
import { describe, expect, it } from 'vitest';
import { readGaps, readSetAside } from '../../tracker/accounts.ts';
import { Follower } from '../../tracker/follower.ts';
import { trackerMetrics } from '../../tracker/metrics.ts';
import { entry, type Journal, log, makeJournal, NAMESPACE, until } from './support.ts';

const accepted = (n: number) => entry(`d${n}`, '', 'Accepted', { keys: { order: [`PO-${n}`] }, subscribers: ['a'] });
const accept = async (journal: Journal, from: number, to: number) => {
  for (let n = from; n < to; n += 5)
    await journal.write(Array.from({ length: Math.min(5, to - n) }, (_, i) => accepted(n + i)));
};
const folded = (journal: Journal, n: number) =>
  until(`${n} documents folded`, async () => (await journal.count('documents')) >= n);
const gaps = async (journal: Journal) => (await readGaps(journal.database, NAMESPACE)).map(({ detail }) => detail);

describe('following', () => {
  it('resumes where it ended, without a gap and without an entry lost', async () => {
    await using journal = await makeJournal();
    await accept(journal, 0, 50);
    for (const n of [50, 80, 120]) {
      const tracker = await journal.follow();
      await folded(journal, n);
      await tracker.stop();
      expect(await tracker.ended).toBe('Stopped');
      if (n < 120) await accept(journal, n, n === 50 ? 80 : 120);
    }
    expect([await journal.count('documents'), await journal.count('entries')]).toEqual([120, 120]);
    expect(await gaps(journal)).toEqual([]);
  });

  it('of two at once one ends as fenced, and the rows are right', async () => {
    await using journal = await makeJournal();
    const [one, two] = [await journal.follow(), await journal.follow()];
    await accept(journal, 0, 100);
    expect(await Promise.race([one.ended, two.ended])).toBe('Fenced');
    await accept(journal, 100, 200);
    await folded(journal, 200);
    expect([await journal.count('documents'), await journal.count('accounts')]).toEqual([200, 400]);
    expect(await gaps(journal)).toEqual([]);
  });

  it('waits for a journal that is not there yet', async () => {
    await using journal = await makeJournal();
    await journal.remove();
    const tracker = await journal.follow();
    await until('trouble', () => /NOT_FOUND|no queue/.test(tracker.trouble ?? ''));
    await journal.declare();
    await accept(journal, 0, 5);
    await folded(journal, 5);
    expect(tracker.trouble).toBeUndefined();
    expect(await gaps(journal)).toEqual([]);
  });
});

describe('a gap', () => {
  const afterward = async (journal: Journal) => {
    await folded(journal, 40);
    const found = await gaps(journal);
    const again = await journal.follow();
    await accept(journal, 500, 505);
    await folded(journal, 45);
    expect(await gaps(journal), 'told once').toEqual(found);
    expect(again.gaps).toBe(0);
    return found;
  };

  it.each([
    ['shorter', 10],
    ['longer', 200],
  ])('is told when the journal was made anew while it was away, and is %s', async (_, length) => {
    await using journal = await makeJournal();
    await accept(journal, 0, 60);
    const before = await journal.follow();
    await folded(journal, 60);
    await before.stop();
    await journal.remove();
    await journal.declare();
    await accept(journal, 1_000, 1_000 + length);
    const tracker = await journal.follow();
    await folded(journal, 60 + length);
    await tracker.stop();
    expect(tracker.gaps).toBe(1);
    expect((await afterward(journal)).length).toBe(1);
  });

  it('is told when the journal is made anew under it', async () => {
    await using journal = await makeJournal();
    await accept(journal, 0, 40);
    const tracker = await journal.follow();
    await folded(journal, 40);
    await journal.remove();
    await journal.declare();
    await accept(journal, 100, 120);
    await folded(journal, 60);
    await tracker.stop();
    expect(tracker.gaps).toBe(1);
    expect(await afterward(journal)).toHaveLength(1);
  });

  it('is told when the journal was cut off before it was folded', async () => {
    await using journal = await makeJournal();
    await journal.remove();
    await journal.declare(1_000_000);
    await accept(journal, 0, 40);
    const before = await journal.follow();
    await folded(journal, 40);
    await before.stop();
    const filler = (n: number) => entry('filler', `f${n}`, 'Retrying', { reason: 'x'.repeat(200_000) });
    for (let n = 0; n < 25; n++) await journal.write([filler(n)]);
    await accept(journal, 2_000, 2_005);
    const tracker = await journal.follow();
    await until('the newest', async () => (await journal.count('document_keys')) === 45);
    await tracker.stop();
    expect(await journal.count('entries'), 'something is missing').toBeLessThan(40 + 25 + 5);
    expect((await afterward(journal)).join()).toMatch(/continues at offset \d+; the last that was folded is/);
  });

  it('is told by the first tracker of a journal whose start is gone', async () => {
    await using journal = await makeJournal();
    await journal.remove();
    await journal.declare(1_000_000);
    for (let n = 0; n < 25; n++)
      await journal.write([entry('filler', `f${n}`, 'Retrying', { reason: 'x'.repeat(200_000) })]);
    await accept(journal, 0, 40);
    const tracker = await journal.follow();
    await folded(journal, 40);
    await tracker.stop();
    expect((await afterward(journal)).join()).toMatch(/starts at offset [1-9]/);
  });
});

describe('odd entries', () => {
  it('are set aside and told of, or mended, and stop nothing', async () => {
    await using journal = await makeJournal();
    const tracker = await journal.follow();
    await journal.writeRaw('{"half": ');
    await journal.writeRaw('{}');
    await journal.write([accepted(1), { ...accepted(2), epoch: 1e12 }, { id: 'x' }, null, accepted(3)]);
    await journal.write([{ ...accepted(4), outcome: 'constructor' }, { ...accepted(4), at: 1.5 }, accepted(4)]);
    // What PostgreSQL refuses in text and jsonb.
    const nul = { class: 'MappingFailed', code: 'x', message: 'a\u0000b \ud800 c' } as const;
    await journal.write([entry('nul\u0000', '', 'DeadLettered', { error: nul }), accepted(5)]);
    // A name longer than an index entry can be.
    const long = Array.from({ length: 30_000 }, (_, i) => String.fromCharCode(0x4e00 + ((i * 7919) % 20_000))).join('');
    await journal.write([accepted(6), entry('long-name', '', 'Accepted', { keys: { [long]: ['v'] } }), accepted(7)]);
    const values = Array.from({ length: 10_000 }, (_, i) => `item-${i}`);
    await journal.write([entry('many-keys', '', 'Accepted', { keys: { item: values, text: ['y'.repeat(100_000)] } })]);
    const message = 'z'.repeat(1_000_000);
    await journal.write([
      entry('loud', '', 'DeadLettered', { error: { class: 'MappingFailed', code: 'x', message } }),
      accepted(8),
    ]);
    await until('all folded', async () => (await journal.count('documents')) === 7 + 3);
    const aside = await readSetAside(journal.database, NAMESPACE);
    expect(aside.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^not JSON/),
      'not an array of entries',
      'epoch is 1000000000000',
      'document is missing',
      'not an object',
      'outcome is "constructor"',
      'at is 1.5',
      expect.stringMatching(/index row/),
    ]);
    expect(tracker.setAside).toBe(8);
    expect(await journal.count('document_keys')).toBe(10_000 + 1 + 7);
    const { rows } = await journal.database.query(
      "select error_message, length(error_message) from accounts where document like 'nul%' or document = 'loud' order by 2",
    );
    expect(rows[0].error_message).toBe('a\ufffdb \ufffd c');
    expect(rows[1].length).toBe(1_000);
    expect(tracker.trouble).toBeUndefined();
  });
});

describe('a follower', () => {
  it('goes on with a rotated password, and its metrics say what there is', async () => {
    await using journal = await makeJournal();
    await journal.declarePayloads();
    const { vhost } = journal;
    await vhost.management.call('PUT', `/users/${vhost.user}2`, { password: 'first', tags: '' });
    const access = (password: string) => {
      const url = new URL(vhost.uri);
      url.username = `${vhost.user}2`;
      url.password = password;
      return { uri: url.href };
    };
    const all = { configure: '^$', write: '.*', read: '.*' };
    await vhost.management.call('PUT', `/permissions/${vhost.vhost}/${vhost.user}2`, all);
    const follower = new Follower(NAMESPACE, journal.database, log);
    expect(follower.trouble).toMatch(/no access/);
    follower.use(access('wrong'));
    await until('refused', () => /ACCESS|refused/i.test(follower.trouble ?? ''));
    follower.use(access('first'));
    await accept(journal, 0, 10);
    await folded(journal, 10);
    await vhost.management.call('PUT', `/users/${vhost.user}2`, { password: 'second', tags: '' });
    follower.use(access('second'));
    await journal.write(['{', entry('d0', 'a', 'DeadLettered'), entry('d1', 'a', 'Discarded')]);
    await until('the rest', async () => (await journal.count('entries')) === 12);
    await until('no trouble', () => follower.trouble === undefined);
    const metrics = trackerMetrics([follower], journal.database);
    await until('following', async () =>
      (await metrics.text()).includes('crossdock_journal_following{namespace="test"} 1'),
    );
    const text = await metrics.text();
    for (const line of [
      'crossdock_documents{namespace="test",state="InFlight"} 8',
      'crossdock_documents{namespace="test",state="DeadLettered"} 1',
      'crossdock_documents{namespace="test",state="Parked"} 0',
      'crossdock_journal_gaps_total{namespace="test"} 0',
      'crossdock_journal_set_aside_total{namespace="test"} 1',
      'crossdock_journal_following{namespace="test"} 1',
      'crossdock_journal_lag_seconds{namespace="test"} 0',
      'crossdock_retries{namespace="test"} 0',
      'crossdock_retries_oldest_seconds{namespace="test"} 0',
    ])
      expect(text).toContain(line);
    await follower.stop();
    await vhost.management.call('DELETE', `/users/${vhost.user}2`);
  });
});
