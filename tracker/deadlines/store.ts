/**
 * Objectives in PostgreSQL. Every change of a state counts itself and, where somebody is to be told, leaves a notice: in the transaction
 * of the change, so that neither is without the other.
 */
import type pg from 'pg';
import { canonicalJson, sha256Hex } from '../../runtime/canonical.ts';
import type { PolicyPlan, SlaEvent, SlaPlan } from '../plan.ts';
import { columns } from '../rows.ts';
import { nextChange } from './objective.ts';
import type { Objective, ObjectiveState } from './read.ts';

/** Raised when the same documents give other objectives. */
const OBJECTIVES_VERSION = 1;
const ALARMING: ReadonlySet<ObjectiveState> = new Set(['Warning', 'Breached']);

const COLUMNS =
  'process, key, policy, objective, partner, state, severity, from_milestone, to_milestone, started_at, due_at, warn_at, closed_at, reason, next_at';
const TYPES =
  'text, text, text, text, text, text, text, text, text, bigint, bigint, bigint, bigint, text, bigint'.split(', ');

const valuesOf = (o: Objective): unknown[] => [
  o.process,
  o.key,
  o.policy,
  o.objective,
  o.partner,
  o.state,
  o.severity,
  o.from ?? null,
  o.to,
  o.startedAt,
  o.dueAt ?? null,
  o.warnAt ?? null,
  o.closedAt ?? null,
  o.reason ?? null,
  nextChange(o) ?? null,
];

interface Old {
  key: string;
  policy: string;
  objective: string;
  partner: string;
  severity: string;
  state: ObjectiveState;
  due_at: string | null;
}

/** Puts the objectives of the transactions in the place of those that they had. `told`: policies that tell somebody. */
export async function writeObjectives(
  client: pg.ClientBase,
  namespace: string,
  process: string,
  keys: readonly string[],
  objectives: readonly Objective[],
  told: ReadonlySet<string>,
  at: number,
): Promise<void> {
  const { rows: old } = await client.query<Old>(
    'select key, policy, objective, partner, severity, state, due_at from objectives where namespace = $1 and process = $2 and key = any($3)',
    [namespace, process, keys],
  );
  if (old.length === 0 && objectives.length === 0) return;
  const name = ({ key, policy, objective }: { key: string; policy: string; objective: string }) =>
    JSON.stringify([key, policy, objective]);
  const before = new Map(old.map((row) => [name(row), row]));
  objectives = objectives.map((one) => standing(one, before.get(name(one))));
  const now = new Map(objectives.map((one) => [name(one), one]));
  const gone = old.filter((row) => !now.has(name(row)));
  if (gone.length > 0)
    await client.query(
      `delete from objectives o using unnest($3::text[], $4::text[], $5::text[]) g(key, policy, objective)
       where o.namespace = $1 and o.process = $2 and o.key = g.key and o.policy = g.policy and o.objective = g.objective`,
      [namespace, process, ...columns(gone, (row) => [row.key, row.policy, row.objective])],
    );
  if (objectives.length > 0)
    await client.query(
      `insert into objectives (namespace, ${COLUMNS})
       select $1, * from unnest(${TYPES.map((type, i) => `$${i + 2}::${type}[]`).join(', ')})
       on conflict (namespace, process, key, policy, objective) do update set
         (${COLUMNS}) = (${COLUMNS.split(', ')
           .map((column) => `excluded.${column}`)
           .join(', ')})
       where (${COLUMNS.split(', ')
         .map((column) => `objectives.${column}`)
         .join(', ')}) is distinct from (${COLUMNS.split(', ')
         .map((column) => `excluded.${column}`)
         .join(', ')})`,
      [namespace, ...columns(objectives, valuesOf)],
    );
  const changes = [
    ...objectives.map((one) => ({
      one,
      from: before.get(name(one))?.state,
      to: one.state as ObjectiveState | undefined,
    })),
    ...gone.map((row) => ({
      one: { ...row, ...(row.due_at !== null && { dueAt: Number(row.due_at) }) },
      from: row.state as ObjectiveState | undefined,
      to: undefined,
    })),
  ].filter(({ from, to }) => from !== to);
  await count(
    client,
    namespace,
    changes.flatMap(({ one: { policy, objective }, from, to }) => [
      ...(from ? [{ policy, objective, state: from, by: -1 }] : []),
      ...(to ? [{ policy, objective, state: to, by: 1 }] : []),
    ]),
  );
  const notices = changes.flatMap(({ one, from, to }) => {
    const event = told.has(one.policy) ? eventOf(from, to) : undefined;
    return event ? [{ one, event }] : [];
  });
  if (notices.length > 0)
    await client.query(
      `insert into notices (namespace, process, at, policy, event, key, objective, partner, severity, due_at)
       select $1, $2, $3, * from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[])`,
      [
        namespace,
        process,
        at,
        ...columns(notices, ({ one, event }) => [
          one.policy,
          event,
          one.key,
          one.objective,
          one.partner,
          one.severity,
          one.dueAt ?? null,
        ]),
      ],
    );
}

/** What was noticed stands until something happens: a tracker that starts knows less of the time than the one before it. */
function standing(one: Objective, old: Old | undefined): Objective {
  const passed = old?.state === 'Breached' || (old?.state === 'Warning' && one.state === 'Pending');
  const open = one.state === 'Pending' || one.state === 'Warning';
  return passed && open && Number(old.due_at) === one.dueAt ? { ...one, state: old.state } : one;
}

function eventOf(from: ObjectiveState | undefined, to: ObjectiveState | undefined): SlaEvent | undefined {
  if (to === 'Breached') return 'Breach';
  if (to === 'Warning' && from !== 'Breached') return 'Warning';
  return from !== undefined && ALARMING.has(from) ? 'Recovery' : undefined;
}

/** In one order for all, so that writers do not lock each other. */
async function count(
  client: pg.ClientBase,
  namespace: string,
  changes: readonly { policy: string; objective: string; state: ObjectiveState; by: number }[],
): Promise<void> {
  const sums = new Map<string, { policy: string; objective: string; state: ObjectiveState; by: number }>();
  for (const change of changes) {
    const key = JSON.stringify([change.policy, change.objective, change.state]);
    sums.set(key, { ...change, by: (sums.get(key)?.by ?? 0) + change.by });
  }
  const rows = [...sums].filter(([, { by }]) => by !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
  if (rows.length > 0)
    await client.query(
      `insert into objective_counts select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::bigint[])
      ${ADD_COUNTS}`,
      [namespace, ...columns(rows, ([, row]) => [row.policy, row.objective, row.state, row.by])],
    );
}
const ADD_COUNTS = `on conflict (namespace, policy, objective, state) do update set count = objective_counts.count + excluded.count`;

/** Within the caller's transaction: those that change by themselves up to `now`, the earliest first. Gives how many there were. */
export async function passDeadlines(
  client: pg.ClientBase,
  namespace: string,
  now: number,
  noticedAt: number,
  told: ReadonlySet<string>,
  limit: number,
): Promise<number> {
  const { rows } = await client.query<{ passed: number }>(
    `with due as materialized (
       select process, key, policy, objective, state from objectives where namespace = $1 and next_at <= $2 order by next_at limit $5),
     moved as (
       update objectives o set state = case when o.due_at <= $2 then 'Breached' else 'Warning' end,
         next_at = case when o.due_at <= $2 then null else o.due_at end, noticed_at = $3
       from due d where o.namespace = $1 and o.process = d.process and o.key = d.key and o.policy = d.policy and o.objective = d.objective
       returning o.process, o.key, o.policy, o.objective, o.partner, o.severity, o.due_at, o.state, d.state as before),
     counted as (
       insert into objective_counts
       select $1, policy, objective, state, sum(by) from (
         select policy, objective, before as state, -1 as by from moved union all select policy, objective, state, 1 from moved) changes
       group by policy, objective, state order by policy, objective, state ${ADD_COUNTS}),
     judged as (
       update transaction_figures f set judged = f.judged + c.by
       from (select process, key, count(*)::int as by from moved where state = 'Breached' group by 1, 2) c
       where f.namespace = $1 and f.process = c.process and f.key = c.key),
     noticed as (
       insert into notices (namespace, process, at, policy, event, key, objective, partner, severity, due_at)
       select $1, process, $3, policy, case state when 'Breached' then 'Breach' else 'Warning' end, key, objective, partner, severity, due_at
       from moved where policy = any($4))
     select count(*)::int as passed from moved`,
    [namespace, now, noticedAt, [...told], limit],
  );
  return rows[0]!.passed;
}

/** When the next one changes by itself. */
export async function nextDeadline(client: pg.ClientBase | pg.Pool, namespace: string): Promise<number | undefined> {
  const { rows } = await client.query<{ next: number | null }>(
    'select next_at::float8 as next from objectives where namespace = $1 and next_at is not null order by next_at limit 1',
    [namespace],
  );
  return rows[0]?.next ?? undefined;
}

/** What a policy says, and by which calendar each of its partners is judged. */
function printsOf(
  policy: PolicyPlan,
  { calendars, organization, partners }: SlaPlan,
): { hash: string; of: Record<string, string> } {
  const { generation: _, notify: __, partners: selected, ...said } = policy;
  const working = policy.objectives.some(({ clock, before }) => clock === 'WorkingTime' || before);
  const content = (hash: string | undefined) =>
    hash === undefined ? '' : sha256Hex(canonicalJson(calendars[hash])).slice(0, 12);
  const own = (name: string) => (working ? content(partners[name]) : '');
  const of = Object.fromEntries((selected ?? Object.keys(partners)).map((name) => [name, own(name)] as const));
  const hash = sha256Hex(
    canonicalJson([OBJECTIVES_VERSION, said, selected !== undefined, working ? content(organization) : '']),
  );
  return { hash, of: selected ? of : Object.fromEntries(Object.entries(of).filter(([, calendar]) => calendar !== '')) };
}

/**
 * Takes note of the policies in force: transactions that a changed one is about are touched, of a partner alone where only it or its
 * calendar changed. What it found before stays until they are folded again, so nobody is told twice. Gives the changed.
 */
export async function adoptPolicies(
  client: pg.ClientBase,
  namespace: string,
  sla: SlaPlan | undefined,
  keyNames: ReadonlyMap<string, string>,
): Promise<string[]> {
  const { rows } = await client.query<{ policy: string; hash: string; partners: Record<string, string> }>(
    'select policy, hash, partners from sla_policies where namespace = $1',
    [namespace],
  );
  const known = new Map(rows.map((row) => [row.policy, row]));
  const policies = (sla?.policies ?? []).filter(({ process }) => keyNames.has(process));
  const gone = [...known.keys()].filter((name) => !policies.some((policy) => policy.name === name));
  for (const table of ['objectives', 'objective_counts', 'notices', 'sla_policies'])
    await client.query(`delete from ${table} where namespace = $1 and policy = any($2)`, [namespace, gone]);
  // Figures that count its objectives are made anew.
  if (gone.length > 0) await client.query('delete from transaction_figures where namespace = $1', [namespace]);
  const changed: string[] = [];
  for (const policy of policies) {
    const { hash, of } = printsOf(policy, sla!);
    const last = known.get(policy.name);
    const names = [...new Set([...Object.keys(of), ...Object.keys(last?.partners ?? {})])];
    const others = names.filter((name) => last?.partners[name] !== of[name]);
    if (last?.hash === hash && others.length === 0) continue;
    changed.push(policy.name);
    await client.query(
      `insert into sla_policies values ($1, $2, $3, $4) on conflict (namespace, policy) do update set hash = $3, partners = $4`,
      [namespace, policy.name, hash, JSON.stringify(of)],
    );
    await touchTransactions(
      client,
      namespace,
      policy.process,
      keyNames.get(policy.process)!,
      last?.hash === hash ? others : undefined,
    );
  }
  return [...changed, ...gone];
}

async function touchTransactions(
  client: pg.ClientBase,
  namespace: string,
  process: string,
  keyName: string,
  partners: readonly string[] | undefined,
): Promise<void> {
  await client.query(
    `insert into touched (namespace, documents)
     select $1, array_agg(document) from (
       select document, (row_number() over (order by document)) / 200 as part
       from (select distinct document from document_keys where namespace = $1 and name = $2 and ($4::text[] is null or value in (
         select key from transactions where namespace = $1 and process = $3 and body->'partners' ?| $4))) carrying) parts
     group by part`,
    [namespace, keyName, process, partners ?? null],
  );
}

/** Of processes that are no more. */
export async function forgetProcesses(
  client: pg.ClientBase,
  namespace: string,
  processes: readonly string[],
): Promise<void> {
  await client.query(
    `with gone as (delete from objectives where namespace = $1 and not process = any($2) returning policy, objective, state)
     insert into objective_counts select $1, policy, objective, state, -count(*) from gone group by 2, 3, 4 order by 2, 3, 4 ${ADD_COUNTS}`,
    [namespace, processes],
  );
}
