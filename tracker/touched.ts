/** Documents of which something new is known: what is derived from them is to be made anew. Written with what is new, or not at all. */
import type pg from 'pg';

/** Within the caller's transaction. */
export async function touch(client: pg.ClientBase, namespace: string, documents: Iterable<string>): Promise<void> {
  const all = [...new Set(documents)];
  if (all.length > 0)
    await client.query('insert into touched (namespace, documents) values ($1, $2)', [namespace, all]);
}

/**
 * Takes the oldest of them, about `limit`, within the caller's transaction: what is read after this sees all that was written with
 * them, and what is written later is touched again.
 */
export async function takeTouched(client: pg.ClientBase, namespace: string, limit: number): Promise<string[]> {
  const { rows } = await client.query<{ documents: string[] }>(
    `delete from touched where seq in (
       select seq from (
         select seq, sum(cardinality(documents)) over (order by seq) - cardinality(documents) as before
         from (select seq, documents from touched where namespace = $1 order by seq limit $2) oldest) counted
       where before < $2)
     returning documents`,
    [namespace, limit],
  );
  return [...new Set(rows.flatMap(({ documents }) => documents))];
}
