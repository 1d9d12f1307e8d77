/** Transactions of business processes in PostgreSQL: which are touched, the facts that they are folded from, and their rows. */
import type pg from 'pg';
import { LIFT_LIMIT, patiently } from '../../runtime/store/transaction.ts';
import type { ProcessPlan } from '../plan.ts';
import { columns } from '../rows.ts';
import type { Fact } from './facts.ts';
import type { TransactionState } from './fold.ts';

/**
 * Documents, and those of the same revision key: a later notice may name another order than the one that it replaces. And those that people made
 * of them by editing: a document that one of the same type and sender caused.
 */
const SAME_SENDER = 'r.type = d.type and r.origin = d.origin and r.source = d.source';
const related = (holds: string): string => `
  select d.id as of, r.id from documents d join documents r
    on r.namespace = $1 and ${SAME_SENDER} and md5(r.revision->>'key') = md5(d.revision->>'key') and r.revision is not null
  where d.namespace = $1 and d.revision is not null and ${holds}
  union select d.id, r.id from documents d join documents r on r.namespace = $1 and r.id = d.causation and ${SAME_SENDER}
  where d.namespace = $1 and ${holds}
  union select d.id, r.id from documents d join documents r on r.namespace = $1 and r.causation = d.id and ${SAME_SENDER}
  where d.namespace = $1 and ${holds}`;

/** Keys of the transactions that documents belong to, or belonged to. */
export async function keysOf(
  client: pg.ClientBase,
  namespace: string,
  { keyName }: ProcessPlan,
  documents: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ value: string }>(
    `with related as (${related('d.id = any($3)')})
     select distinct value from document_keys
     where namespace = $1 and name = $2 and (document = any($3) or document in (select id from related))`,
    [namespace, keyName, documents],
  );
  return rows.map(({ value }) => value).sort();
}

interface FactRow {
  value: string;
  id: string;
  type: string;
  source: string;
  at: number;
  keys: Record<string, string[]>;
  revision: Fact['revision'] | null;
  edits: string | null;
  hash: string | null;
  body: Buffer | null;
  accounts: Fact['accounts'] | null;
  recipients: string[] | null;
}

/** Accepted documents by transaction; bodies of those whose lines are read, and of the types `alsoRead`. */
export async function factsOf(
  client: pg.ClientBase,
  namespace: string,
  { keyName, documents, milestones }: ProcessPlan,
  keys: readonly string[],
  alsoRead: readonly string[] = [],
): Promise<Map<string, Fact[]>> {
  const readTypes = documents.filter(({ lines }) => lines !== undefined).map(({ type }) => type);
  readTypes.push(...alsoRead);
  const destinations = milestones.flatMap(({ delivered }) => delivered?.to ?? []);
  const { rows } = await client.query<FactRow>(
    `with own as (select value, document from document_keys where namespace = $1 and name = $2 and value = any($3)),
       related as (${related('d.id in (select document from own)')}),
       all_of as (select value, document from own union select own.value, related.id from own join related on related.of = own.document)
     select a.value, d.id, d.type, d.origin || '/' || d.source as source, d.first_at::float8 as at, d.keys, d.revision,
       (select r.id from documents r where r.namespace = $1 and r.id = d.causation and ${SAME_SENDER}) as edits,
       p.hash, case when d.type = any($4) then p.body end as body,
       (select jsonb_agg(jsonb_build_object('destination', c.destination, 'state', c.state, 'at', c.at)) from accounts c
        where c.namespace = $1 and c.document = d.id and c.destination = any($5)) as accounts,
       case when d.origin = 'system' then (select array_agg(distinct e.body->'detail'->>'partner') from entries e
         where e.namespace = $1 and e.document = d.id and e.body->'detail' ? 'partner') end as recipients
     from all_of a join documents d on d.namespace = $1 and d.id = a.document and d.informed = 2
     left join lateral (select hash, body from payloads where namespace = $1 and document = d.id and destination = ''
       order by epoch desc limit 1) p on true`,
    [namespace, keyName, keys, readTypes, destinations],
  );
  const facts = Map.groupBy(rows, ({ value }) => value);
  return new Map([...facts].map(([key, own]) => [key, own.map((row) => factOf(row, keyName))]));
}

function factOf(
  { id, type, source, at, keys, revision, edits, hash, body, accounts, recipients }: FactRow,
  keyName: string,
): Fact {
  return {
    id,
    type,
    source,
    at,
    keys: keys[keyName] ?? [],
    ...(revision && { revision }),
    ...(edits !== null && { edits }),
    // Without its content a document equals no other.
    bodyHash: hash ?? id,
    ...(body && { body: parsed(body) }),
    accounts: accounts ?? [],
    ...(recipients && { recipients }),
  };
}
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

export interface Folded {
  key: string;
  /** undefined: no document of the process carries the key any more. */
  state: TransactionState | undefined;
}

export async function writeTransactions(
  client: pg.ClientBase,
  namespace: string,
  process: string,
  folded: readonly Folded[],
): Promise<void> {
  const keys = folded.map(({ key }) => key);
  const gone = folded.flatMap(({ key, state }) => (state ? [] : [key]));
  if (gone.length > 0)
    await client.query('delete from transactions where namespace = $1 and process = $2 and key = any($3)', [
      namespace,
      process,
      gone,
    ]);
  await client.query('delete from exceptions where namespace = $1 and process = $2 and key = any($3)', [
    namespace,
    process,
    keys,
  ]);
  const states = folded.flatMap(({ state }) => state ?? []);
  if (states.length === 0) return;
  await client.query(
    `insert into transactions (namespace, process, key, state, opened_at, changed_at, body)
     select $1, $2, * from unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::jsonb[])
     on conflict (namespace, process, key) do update set
       state = excluded.state, opened_at = excluded.opened_at, changed_at = excluded.changed_at, body = excluded.body`,
    [
      namespace,
      process,
      ...columns(states, ({ exceptions: _, ...s }) => [s.key, s.state, s.openedAt, s.changedAt, storable(s)]),
    ],
  );
  const exceptions = states.flatMap(({ key, exceptions }) => exceptions.map((one) => ({ key, ...one })));
  if (exceptions.length === 0) return;
  await client.query(
    `insert into exceptions (namespace, process, key, id, opened_at, match, kind, line, expected, actual, money, currency,
       severity, owner, due_at, closed_at, closed_by, effect, snoozed_until, escalated)
     select $1, $2, * from unnest($3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
       $11::numeric[], $12::text[], $13::text[], $14::text[], $15::bigint[], $16::bigint[], $17::text[], $18::text[], $19::bigint[],
       $20::bool[])`,
    [
      namespace,
      process,
      ...columns(exceptions, (e) => [
        e.key,
        e.id,
        e.openedAt,
        e.match,
        e.kind,
        e.line,
        e.expected,
        e.actual,
        e.money ?? null,
        e.currency ?? null,
        e.severity,
        e.owner ?? null,
        e.dueAt ?? null,
        e.closedAt ?? null,
        e.closedBy ?? null,
        e.resolution ?? null,
        e.snoozedUntil ?? null,
        e.escalated ?? false,
      ]),
    ],
  );
}
/** PostgreSQL refuses U+0000 and halves of surrogate pairs, which a document may hold. */
const storable = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'string' ? member.replaceAll('\0', '\ufffd').toWellFormed() : member,
  );

/** Takes note of the processes in force; what a changed one covers is touched, what a removed one had is gone. Gives the changed. */
export async function adoptProcesses(
  client: pg.ClientBase,
  namespace: string,
  processes: readonly { plan: ProcessPlan; hash: string }[],
): Promise<string[]> {
  const { rows } = await client.query<{ process: string; hash: string }>(
    'select process, hash from process_plans where namespace = $1',
    [namespace],
  );
  const known = new Map(rows.map(({ process, hash }) => [process, hash]));
  const changed = processes.filter(({ plan, hash }) => known.get(plan.name) !== hash);
  const gone = [...known.keys()].filter((name) => !processes.some(({ plan }) => plan.name === name));
  const anew = [...changed.map(({ plan }) => plan.name), ...gone];
  // Of all transactions of a process.
  await client.query(LIFT_LIMIT);
  for (const table of ['transaction_figures', 'transactions', 'exceptions', 'process_plans'])
    await client.query(patiently(`delete from ${table} where namespace = $1 and process = any($2)`, [namespace, anew]));
  for (const { plan, hash } of changed) {
    await client.query('insert into process_plans (namespace, process, hash) values ($1, $2, $3)', [
      namespace,
      plan.name,
      hash,
    ]);
    await client.query(
      patiently(
        `insert into touched (namespace, documents)
       select $1, array_agg(document) from (
         select document, (row_number() over (order by document)) / 200 as part
         from (select distinct document from document_keys where namespace = $1 and name = $2) carrying) parts
       group by part`,
        [namespace, plan.keyName],
      ),
    );
  }
  for (const { plan } of processes)
    await client.query(
      'update process_plans set plan = $3 where namespace = $1 and process = $2 and plan is distinct from $3',
      [namespace, plan.name, JSON.stringify(plan)],
    );
  return anew;
}
