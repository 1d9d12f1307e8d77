/** Transactions that an act changed, to be folded anew: told by their documents, as everything is. */
import type pg from 'pg';
import { touch } from '../touched.ts';

export async function touchTransactions(
  client: pg.ClientBase,
  namespace: string,
  keys: readonly string[],
): Promise<void> {
  const { rows } = await client.query<{ document: string }>(
    'select distinct document from document_keys where namespace = $1 and value = any($2)',
    [namespace, [...new Set(keys)]],
  );
  await touch(
    client,
    namespace,
    rows.map(({ document }) => document),
  );
}
