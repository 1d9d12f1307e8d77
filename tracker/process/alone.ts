/** One tracker at a time changes transactions and what follows from them: of two that fold one, the one that saw less must not write last. */
import type pg from 'pg';
import { inTransaction } from '../../runtime/store/transaction.ts';

export const aloneWithProcesses = <T>(
  database: pg.Pool,
  namespace: string,
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T> =>
  inTransaction(database, async (client) => {
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [`crossdock processes ${namespace}`]);
    return work(client);
  });
