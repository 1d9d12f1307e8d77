/**
 * From the journal to committed rows, through the tracker's own way of writing: entries a second, and what an entry costs the database
 * as the database grows. Then the questions that people ask of it, at that size.
 *
 *   node bench/tracker/entries.ts [--sizes 100000,1000000,5000000] [--entries 60000]
 *
 * A transaction is a purchase order with one document of two keys and three entries (Accepted, Routed, Delivered); the database is filled to a
 * size by SQL, then entries of new documents and of old ones, drawn from all of it, are written in batches as the tracker would.
 */

import { hash as digest } from 'node:crypto';
import { parseArgs } from 'node:util';
import type pg from 'pg';
import type { JournalEntry, Outcome } from '../../runtime/journal/entry.ts';
import { entryId } from '../../runtime/journal/outranks.ts';
import { patiently } from '../../runtime/store/transaction.ts';
import { readTimeline } from '../../tracker/accounts.ts';
import { openTrackerDatabase, type Position, writeBatch } from '../../tracker/store.ts';
import { readTransactions } from '../../tracker/transactions.ts';
import { cpuOfTree } from './cpu.ts';
import { benchDatabase } from './database.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '100000,1000000' },
    entries: { type: 'string', default: '60000' },
  },
});
const SIZES = values.sizes.split(',').map(Number);
const ENTRIES = Number(values.entries);
const NAMESPACE = 'bench';
/** What 200 messages of the journal hold at a busy hour. */
const BATCH = 2_000;
const PLACES: [string, Outcome][] = [
  ['', 'Accepted'],
  ['order', 'Routed'],
  ['order/erp', 'Delivered'],
];

const server = await benchDatabase();
const pool = await openTrackerDatabase(server.url);
let position: Position | undefined;
let filled = 0;
const results: { transactions: number; perSecond: number; tracker: number; database: number; p99: string[] }[] = [];
for (const size of SIZES) {
  await fill(pool, filled, size);
  filled = size;
  results.push({ transactions: size, ...(await fold(size)), p99: await ask(size) });
  process.stdout.write(`measured at ${size}\n`);
  filled += ENTRIES / PLACES.length;
}
await pool.end();
await server.stop();

const first = results[0]!;
console.log('\ntransactions  entries/s  tracker µs  database µs  cost to the first   timeline p99   transaction p99');
for (const { transactions, perSecond, tracker, database, p99 } of results)
  console.log(
    [
      String(transactions).padStart(12),
      String(Math.round(perSecond)).padStart(10),
      tracker.toFixed(0).padStart(11),
      database.toFixed(0).padStart(12),
      `${((tracker + database) / (first.tracker + first.database)).toFixed(2)} ×`.padStart(18),
      ...p99.map((each) => each.padStart(13)),
    ].join(' '),
  );

/** Rows as the tracker leaves them. */
async function fill(database: pg.Pool, from: number, to: number): Promise<void> {
  const step = 20_000;
  for (let at = from; at < to; at += step) {
    const range = `generate_series(${at}, ${Math.min(at + step, to) - 1}) n`;
    const id = `md5('d' || n)`;
    const statements = [
      `insert into documents (namespace, id, type, origin, source, keys, informed, epoch, entry, at, tie, first_at)
       select 'bench', ${id}, 'purchase-order.v1', 'system', 'integration/order', jsonb_build_object('purchaseOrder', jsonb_build_array('PO-' || n)),
         2, 0, ${id}, 1700000000000 + n, ${id}, 1700000000000 + n from ${range}`,
      `insert into document_keys select 'bench', v, k, ${id} from ${range}, lateral (values ('PO-' || n, 'purchaseOrder'), ('S-' || n / 7, 'supplier')) x (v, k)`,
      `insert into accounts (namespace, document, destination, state, outcome, epoch, finality, attempt, entry, at, tie)
       select 'bench', ${id}, p, 'Delivered', 'Delivered', 0, 10, 1, ${id}, 1700000000000 + n, ${id} from ${range}, unnest(array['', 'order', 'order/erp']) p`,
      `insert into entries (namespace, id, document, destination, at, tie, epoch, attempt, outcome, body)
       select 'bench', md5('e' || n || p), ${id}, p, 1700000000000 + n, ${id}, 0, 1, 'Delivered', jsonb_build_object('id', ${id}, 'document', ${id}, 'destination', p,
         'type', 'purchase-order.v1', 'origin', 'system', 'source', 'integration/order', 'bodyHash', ${id}) from ${range}, unnest(array['', 'order', 'order/erp']) p`,
      `insert into transactions (namespace, process, key, state, opened_at, changed_at, body)
       select 'bench', 'inbound', 'PO-' || n, 'Open', 1700000000000 + n, 1700000000000 + n, jsonb_build_object('key', 'PO-' || n, 'milestones', '[]'::jsonb) from ${range}`,
    ];
    for (const statement of statements) await database.query({ text: statement });
    process.stdout.write(`\rfilled to ${Math.min(at + step, to)} transactions   `);
  }
  const client = await database.connect();
  await client.query('set statement_timeout = 0');
  await client.query(patiently('vacuum analyze'));
  await client.query(patiently('checkpoint'));
  client.release(true);
}

async function fold(size: number) {
  const entries: JournalEntry[] = [];
  for (let i = 0; entries.length < ENTRIES; i++) {
    // Every second one is of a document that is there.
    const old = i % 2 === 0;
    const n = old ? Math.floor(Math.random() * size) : size + i;
    entries.push(...journey(n, old ? 1 : 0));
  }
  const cpu = { tracker: process.cpuUsage(), database: cpuOfTree(server.pid) };
  const began = performance.now();
  for (let at = 0; at < entries.length; at += BATCH) {
    const batch = entries.slice(at, at + BATCH);
    const after = { offset: (position?.offset ?? 0n) + 1n, message: batch[0]!.id };
    await writeBatch(pool, NAMESPACE, { entries: batch, odd: [], gap: undefined, before: position, after });
    position = after;
  }
  const seconds = (performance.now() - began) / 1_000;
  const used = process.cpuUsage(cpu.tracker);
  return {
    perSecond: entries.length / seconds,
    tracker: (used.user + used.system) / entries.length,
    database: (cpuOfTree(server.pid) - cpu.database) / entries.length,
  };
}

/** PostgreSQL's md5, so that old documents are met. */
function journey(n: number, epoch: number): JournalEntry[] {
  const document = digest('md5', `d${n}`);
  return PLACES.map(([destination, outcome]) => ({
    id: entryId(document, destination, epoch, outcome, 1),
    at: Date.now(),
    outcome,
    document,
    type: 'purchase-order.v1',
    origin: 'system',
    source: 'integration/order',
    destination,
    epoch,
    attempt: 1,
    ...(outcome === 'Accepted' && {
      keys: { purchaseOrder: [`PO-${n}`], supplier: [`S-${Math.floor(n / 7)}`] },
      bodyHash: document + document,
      subscribers: ['order'],
    }),
    ...(outcome === 'Routed' && { destinations: ['erp'] }),
  }));
}

/** p99 of the search by a key and of a transaction with its documents, in turn over random transactions. */
async function ask(size: number): Promise<string[]> {
  const questions = [
    (key: string) => readTimeline(pool, NAMESPACE, key).then(({ documents }) => documents),
    (key: string) => readTransactions(pool, NAMESPACE, key),
  ];
  const p99: string[] = [];
  for (const question of questions) {
    const took: number[] = [];
    let found = 0;
    for (let i = 0; i < 300; i++) {
      const began = performance.now();
      const rows = await question(`PO-${Math.floor(Math.random() * size)}`);
      took.push(performance.now() - began);
      found += rows.length === 0 ? 0 : 1;
    }
    // Between the sizes lie the numbers of documents that were folded, half of them and without transactions.
    if (found < 200) throw new Error(`only ${found} of 300 keys were found`);
    p99.push(`${took.sort((a, b) => a - b)[Math.floor(took.length * 0.99)]!.toFixed(1)} ms`);
  }
  return p99;
}
