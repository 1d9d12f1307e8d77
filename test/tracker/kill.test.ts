/** The tracker, its database and its broker are killed under load; in the end the rows are what the fold of all entries says. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { JournalEntry } from '../../runtime/journal/entry.ts';
import { fold } from '../../tracker/fold.ts';
import { ownBroker } from '../support/broker.ts';
import { ownDatabase } from '../support/database.ts';
import { entry, type Journal, makeJournal, NAMESPACE, until } from './support.ts';

/** Writes until told to stop, each message again until it is confirmed. Gives all that was written. */
interface Writer extends Disposable {
  stop(): Promise<JournalEntry[]>;
}
function writeAlways(journal: Journal): Writer {
  const all: JournalEntry[] = [];
  let stopped = false;
  let abandoned = false;
  const writing = (async () => {
    for (let n = 0; !stopped; n++) {
      const batch = Array.from({ length: 10 }, (_, i) => {
        const document = `d${n}-${i}`;
        return [
          entry(document, '', 'Accepted', { keys: { order: [`PO-${n}`] }, subscribers: ['a'] }),
          entry(document, 'a', 'Routed', { destinations: ['x', 'y'] }),
          entry(document, 'a/x', i % 3 === 0 ? 'Retrying' : 'Delivered'),
        ];
      }).flat();
      all.push(...batch);
      while (!abandoned) {
        const sent = await journal.write(batch).then(
          () => true,
          () => false,
        );
        if (sent) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    async stop() {
      stopped = true;
      await writing;
      return all;
    },
    [Symbol.dispose]() {
      stopped = true;
      abandoned = true;
    },
  };
}

async function expectRows(journal: Journal, all: JournalEntry[]): Promise<void> {
  const { accounts, documents } = fold(all);
  await until('all folded', async () => (await journal.count('entries')) === all.length);
  const { rows } = await journal.database.query(
    'select document, destination, state, outcome from accounts where namespace = $1',
    [NAMESPACE],
  );
  const said = (rows: Iterable<{ document: string; destination: string; state: unknown; outcome: string }>) =>
    [...rows].map((a) => `${a.document} ${a.destination} ${a.state} ${a.outcome}`).sort();
  expect(said(rows)).toEqual(said(accounts.values()));
  expect(await journal.count('documents')).toBe(documents.size);
  expect(await journal.count('gaps')).toBe(0);
}

it('survives being killed, again and again', { timeout: 60_000 }, async () => {
  await using journal = await makeJournal();
  using writer = writeAlways(journal);
  const start = () =>
    spawn(process.execPath, [join(import.meta.dirname, 'follower.ts'), journal.vhost.uri, journal.databaseUrl], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  let child = start();
  for (let kills = 0; kills < 4; kills++) {
    const before = await journal.count('entries');
    await until('progress', async () => (await journal.count('entries')) > before);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    child = start();
  }
  const all = await writer.stop();
  try {
    await expectRows(journal, all);
  } finally {
    child.kill('SIGKILL');
  }
});

it('catches up after its database and its broker were killed under load', { timeout: 90_000 }, async () => {
  const [broker, server] = await Promise.all([ownBroker(), ownDatabase()]);
  try {
    await using journal = await makeJournal({ broker, database: server });
    const tracker = await journal.follow();
    using writer = writeAlways(journal);
    const progress = async () => {
      const before = await journal.count('entries');
      await until('progress', async () => (await journal.count('entries')) > before + 100);
    };
    await progress();
    await server.kill();
    await until('trouble', () => tracker.trouble !== undefined);
    await server.restart();
    await progress();
    await broker.kill();
    await until('trouble', () => tracker.trouble !== undefined);
    await broker.restart();
    await progress();
    await expectRows(journal, await writer.stop());
    await until('no trouble', () => tracker.trouble === undefined);
  } finally {
    await Promise.all([broker.stop(), server.stop()]);
  }
});
