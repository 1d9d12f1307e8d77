import type pg from 'pg';

/**
 * Runs `work` between begin and commit on a connection of its own. A connection that breaks in the middle fails the work, and nothing
 * else: without a listener its error would end the process.
 */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    // Not waited for: where the connection takes several statements at once, the first of the work goes with it.
    const begun = client.query('begin');
    begun.catch(() => {});
    const value = await work(client);
    await begun;
    await client.query('commit');
    return value;
  } catch (error) {
    await client.query('rollback').catch((cause: Error) => {
      broken ??= cause;
    });
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** Of many rows, an hour at most: the pool's time for an answer is not meant for it. Within a transaction that lifted the server's own limit. */
export const patiently = (text: string, values?: unknown[]): pg.QueryConfig =>
  Object.assign({ text, ...(values && { values }) }, { query_timeout: 3_600_000 });
export const LIFT_LIMIT = 'set local statement_timeout = 0';
