/** Facts by hand: what people say of a transaction, kept beside its documents and folded with them. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { inTransaction } from '../../runtime/store/transaction.ts';
import { audit } from './audit.ts';
import { checkPerson } from './check.ts';
import { ActError, type FactByHand, type FactRequest, type Person } from './contract.ts';
import { touchTransactions } from './touch.ts';

/** Throws NotFound where the transaction is not known, Invalid for a milestone or line that it does not have. */
export async function recordFact(
  database: pg.Pool,
  namespace: string,
  request: FactRequest,
  now: number = Date.now(),
): Promise<FactByHand> {
  const { process, key, milestone, by, reason, at = now, lines } = request;
  checkPerson({ by, reason });
  if (!Number.isSafeInteger(at) || at > now + 60_000)
    throw new ActError('Invalid', 'at is in the future: a fact says what has happened');
  return inTransaction(database, async (client) => {
    const { rows } = await client.query<{ milestones: string[]; lines: string[] }>(
      `select array(select m->>'name' from jsonb_array_elements(body->'milestones') m) as milestones,
         array(select l->>'id' from jsonb_array_elements(body->'lines') l) as lines
       from transactions where namespace = $1 and process = $2 and key = $3`,
      [namespace, process, key],
    );
    const [known] = rows;
    if (!known) throw new ActError('NotFound', `process ${process} has no transaction ${key}`);
    if (!known.milestones.includes(milestone))
      throw new ActError('Invalid', `${process} has no milestone ${milestone}: ${known.milestones.join(', ')}`);
    const strange = lines?.filter((line) => !known.lines.includes(line)) ?? [];
    if (strange.length > 0)
      throw new ActError('Invalid', `${key} has no line ${strange.slice(0, 5).join(', ')}: ${known.lines.join(', ')}`);
    const fact: FactByHand = {
      ...{ id: randomUUID(), process, key, milestone, at, by, reason, recordedAt: now },
      ...(lines && lines.length > 0 && { lines }),
    };
    await client.query(
      `insert into facts_by_hand (namespace, id, process, key, milestone, at, lines, by, reason, recorded_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [namespace, fact.id, process, key, milestone, at, fact.lines ?? null, by, reason, now],
    );
    await audit(
      client,
      namespace,
      {
        ...{ actor: by, act: 'FactRecorded', target: `Transaction/${process}/${key}`, outcome: 'Done', reason },
        detail: { milestone, at: new Date(at).toISOString(), ...(fact.lines && { lines: fact.lines.join(',') }) },
      },
      now,
    );
    await touchTransactions(client, namespace, [key]);
    return fact;
  });
}

/** Takes a fact back: it was a mistake. It stays in the audit. */
export async function withdrawFact(
  database: pg.Pool,
  namespace: string,
  id: string,
  { by, reason }: Person,
  now: number = Date.now(),
): Promise<void> {
  checkPerson({ by, reason });
  await inTransaction(database, async (client) => {
    const { rows } = await client.query<{ process: string; key: string; milestone: string }>(
      `update facts_by_hand set withdrawn_by = $3, withdrawn_at = $4
       where namespace = $1 and id = $2 and withdrawn_at is null returning process, key, milestone`,
      [namespace, id, by, now],
    );
    const [fact] = rows;
    if (!fact) throw new ActError('NotFound', `no fact ${id} is in force`);
    const { process, key, milestone } = fact;
    const target = `Transaction/${process}/${key}`;
    const record = { actor: by, act: 'FactWithdrawn', target, outcome: 'Done', reason, detail: { milestone } } as const;
    await audit(client, namespace, record, now);
    await touchTransactions(client, namespace, [key]);
  });
}

/** In force, by key of the transaction, in the order of their times. */
export async function readFacts(
  database: pg.Pool | pg.ClientBase,
  namespace: string,
  process: string,
  keys: readonly string[],
): Promise<Map<string, FactByHand[]>> {
  const { rows } = await database.query<Omit<FactByHand, 'lines'> & { lines: string[] | null }>(
    `select id, process, key, milestone, at::float8 as at, lines, by, reason, recorded_at::float8 as "recordedAt"
     from facts_by_hand where namespace = $1 and process = $2 and key = any($3) and withdrawn_at is null order by at, id`,
    [namespace, process, keys],
  );
  const facts = rows.map(({ lines, ...fact }): FactByHand => ({ ...fact, ...(lines && { lines }) }));
  return Map.groupBy(facts, ({ key }) => key);
}
