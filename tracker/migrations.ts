/** The tracker's schema: steps that only ever go forward, each safe while the version before it still runs. */
import type pg from 'pg';
import { enterSchema } from '../runtime/store/connection.ts';
import { inTransaction, LIFT_LIMIT, patiently } from '../runtime/store/transaction.ts';
import journal from './migrations/0001-journal.ts';
import payloads from './migrations/0002-payloads.ts';
import transactions from './migrations/0003-transactions.ts';
import deadlines from './migrations/0004-deadlines.ts';
import operations from './migrations/0005-operations.ts';
import search from './migrations/0006-search.ts';
import acknowledgments from './migrations/0007-acknowledgments.ts';
import retention from './migrations/0008-retention.ts';
import resubmissions from './migrations/0009-resubmissions.ts';
import figures from './migrations/0010-figures.ts';
import resolutions from './migrations/0011-resolutions.ts';
import measures from './migrations/0012-measures.ts';
import originals from './migrations/0013-originals.ts';

/** In this order, for ever: a step that has landed is never edited, only followed. */
const STEPS: readonly string[] = [
  journal,
  payloads,
  transactions,
  deadlines,
  operations,
  search,
  acknowledgments,
  retention,
  resubmissions,
  figures,
  resolutions,
  measures,
  originals,
];

/** Brings the schema to the newest step. Trackers that start at once do it one after another. */
export const migrate = (pool: pg.Pool, schema: string): Promise<void> =>
  inTransaction(pool, (client) => migrateWithin(client, schema));

/** Within the caller's transaction, which then works in the schema. */
export async function migrateWithin(client: pg.ClientBase, schema: string): Promise<void> {
  await enterSchema(client, schema);
  await client.query(
    'create table if not exists migrations (step int primary key, applied_at timestamptz not null default now())',
  );
  const { rows } = await client.query<{ done: number }>('select count(*)::int as done from migrations');
  // An index over many rows takes its time.
  await client.query(LIFT_LIMIT);
  for (let step = rows[0]!.done; step < STEPS.length; step++) {
    await client.query(patiently(STEPS[step]!));
    await client.query('insert into migrations (step) values ($1)', [step]);
  }
}
