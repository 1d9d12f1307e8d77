/** Installations of before had one schema for the trackers of all namespaces. What is in it of a namespace moves to the namespace's own, once. */
import type pg from 'pg';
import { quoted, TRACKER_OF_ALL } from '../../../runtime/store/schemas.ts';
import { migrateWithin } from '../../../tracker/migrations.ts';

const POSITIONS = ['positions', 'payload_positions'];

/**
 * Within the caller's transaction, which must see one state throughout (repeatable read). A tracker that still works in the old schema is fenced by it: it finds its position gone, and what it folds
 * there from then on counts nowhere. Its other rows stay: dropping the old schema is for its owner to decide.
 */
export async function moveTracker(
  client: pg.ClientBase,
  namespace: string,
  schema: string,
  role: string,
): Promise<void> {
  const { rows } = await client.query<{ made: boolean; old: boolean }>(
    'select to_regclass($1) is not null as made, to_regclass($2) is not null as old',
    [`${quoted(schema)}.migrations`, `${TRACKER_OF_ALL}.migrations`],
  );
  if (rows[0]!.made || !rows[0]!.old) return;
  for (const positions of POSITIONS)
    await client.query(`select from ${TRACKER_OF_ALL}.${positions} where namespace = $1 for update`, [namespace]);
  // The columns of both are then the same; the trackers of before work with newer steps, too.
  await migrateWithin(client, TRACKER_OF_ALL);
  await client.query(`set local role ${quoted(role)}`);
  await migrateWithin(client, schema);
  await client.query('reset role');
  for (const { table, columns } of await tablesOf(client, schema)) {
    const names = columns.map(quoted).join(', ');
    await client.query(
      `insert into ${quoted(schema)}.${quoted(table)} (${names}) overriding system value
       select ${names} from ${TRACKER_OF_ALL}.${quoted(table)} where namespace = $1`,
      [namespace],
    );
  }
  await advanceSequences(client, schema);
  for (const positions of POSITIONS)
    await client.query(`delete from ${TRACKER_OF_ALL}.${positions} where namespace = $1`, [namespace]);
}

async function tablesOf(client: pg.ClientBase, schema: string): Promise<{ table: string; columns: string[] }[]> {
  const { rows } = await client.query<{ table: string; columns: string[] }>(
    `select table_name as table, array_agg(column_name::text order by ordinal_position) as columns
     from information_schema.columns where table_schema = $1 and is_generated = 'NEVER'
     group by table_name having bool_or(column_name = 'namespace') order by table_name`,
    [schema],
  );
  return rows;
}

/** Numbers go on after those that moved. */
async function advanceSequences(client: pg.ClientBase, schema: string): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(
    `select format('select setval(%L, (select coalesce(max(%I), 0) + 1 from %I.%I), false)',
       pg_get_serial_sequence(format('%I.%I', table_schema, table_name), column_name), column_name, table_schema, table_name) as statement
     from information_schema.columns where table_schema = $1 and is_identity = 'YES'`,
    [schema],
  );
  for (const { statement } of rows) await client.query(statement);
}
