/** The work list. Owner is the last that an act assigned, else the policy's. */

import { readExceptionActs } from '../acts/exceptions.ts';
import type { ExceptionAct, ExceptionItem, ExceptionList, ExceptionsQuery } from '../api/contract.ts';
import { resolutionsOf } from '../resolutions/declared.ts';
import { statesOf } from './documents.ts';
import { cursorOf, dense, optionalTime, readCursor, type Scope, time } from './scope.ts';

interface Row {
  process: string;
  key: string;
  id: string;
  openedAt: number;
  match: string;
  kind: string;
  line: string;
  expected: string;
  actual: string;
  money: string | null;
  currency: string | null;
  severity: ExceptionItem['severity'];
  owner: string | null;
  dueAt: number | null;
  closedAt: number | null;
  closedBy: 'Cause' | 'Person' | null;
  snoozedUntil: number | null;
  escalated: boolean;
  partners: string[];
}
const COLUMNS = `e.process, e.key, e.id, e.opened_at::float8 as "openedAt", e.match, e.kind, e.line, e.expected, e.actual, e.money::text as money,
  e.currency, e.severity, e.owner, e.due_at::float8 as "dueAt", e.closed_at::float8 as "closedAt", e.closed_by as "closedBy",
  e.snoozed_until::float8 as "snoozedUntil", e.escalated`;
/** With the partners of its transaction, looked up for the page alone. */
const withPartners = (page: string): string => `select p.*, t.partners from (${page}) p
  join transactions t on t.namespace = $1 and t.process = p.process and t.key = p.key`;

const SORTS = {
  due: ['coalesce(e.due_at, 9e15::bigint)', 'asc'],
  opened: ['e.opened_at', 'asc'],
  '-opened': ['e.opened_at', 'desc'],
  '-money': ['coalesce(e.money, -1)', 'desc'],
} as const;
const MAX_TOTAL = 10_000;

export async function listExceptions(scope: Scope, query: ExceptionsQuery, now = Date.now()): Promise<ExceptionList> {
  const { limit = 50, sort = 'due', state = 'Open', cursor } = query;
  const parameters: unknown[] = [];
  const $ = (value: unknown) => `$${parameters.push(value)}`;
  const where = [`e.namespace = ${$(scope.namespace)}`];
  for (const column of ['process', 'key', 'kind', 'severity'] as const)
    if (query[column] !== undefined) where.push(`e.${column} = ${$(query[column])}`);
  for (const partner of [query.partner, scope.partner])
    if (partner !== undefined)
      where.push(
        `exists (select from transactions t where t.namespace = e.namespace and t.process = e.process and t.key = e.key and t.partners ? ${$(partner)})`,
      );
  if (query.owner !== undefined)
    where.push(query.owner === '-' ? `coalesce(e.owner, '') = ''` : `e.owner = ${$(query.owner)}`);
  if (query.overdue === true) where.push(`e.closed_at is null and e.due_at < ${$(now)}`);
  if (state === 'Closed') where.push('e.closed_at is not null');
  if (state === 'Open' || state === 'Snoozed') where.push('e.closed_at is null');
  if (state === 'Open') where.push(`coalesce(e.snoozed_until, 0) <= ${$(now)}`);
  if (state === 'Snoozed') where.push(`e.snoozed_until > ${$(now)}`);
  const total = await scope.database.query<{ total: number }>(
    `select count(*)::int as total from (select from exceptions e where ${where.join(' and ')} limit ${MAX_TOTAL}) counted`,
    parameters,
  );
  const [by, direction] = SORTS[sort];
  if (cursor !== undefined) {
    const [at, process, key, id, openedAt] = readCursor(cursor, ['string', 'string', 'string', 'string', 'number']);
    const value = `${$(at)}::numeric`;
    where.push(`(${by} ${direction === 'asc' ? '>' : '<'} ${value} or ${by} = ${value}
      and (e.process, e.key, e.id, e.opened_at) > (${$(process)}, ${$(key)}, ${$(id)}, ${$(openedAt)}::bigint))`);
  }
  const { rows } = await scope.database.query<Row & { sorted: string }>(
    `${withPartners(`select ${COLUMNS}, ${by} as sorting, (${by})::text as sorted from exceptions e where ${where.join(' and ')}
       order by ${by} ${direction}, e.process, e.key, e.id, e.opened_at limit ${$(limit + 1)}`)}
     order by p.sorting ${direction}, p.process, p.key, p.id, p."openedAt"`,
    parameters,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: await itemsOf(scope, page, now),
    ...(rows.length > limit &&
      last && { next: cursorOf([last.sorted, last.process, last.key, last.id, last.openedAt]) }),
    total: total.rows[0]!.total,
  };
}

/** Of one transaction, open and closed, in the order in which they were opened. */
export async function exceptionsOf(
  scope: Scope,
  process: string,
  key: string,
  now = Date.now(),
): Promise<ExceptionItem[]> {
  const { rows } = await scope.database.query<Row>(
    `${withPartners(`select ${COLUMNS} from exceptions e where e.namespace = $1 and e.process = $2 and e.key = $3`)}
     order by p."openedAt", p.id`,
    [scope.namespace, process, key],
  );
  return itemsOf(scope, rows, now);
}

async function itemsOf(scope: Scope, rows: readonly Row[], now: number): Promise<ExceptionItem[]> {
  // What people say to each other about it, and decide, is not for partners.
  const acts = new Map<string, ExceptionAct[]>();
  const told = scope.partner === undefined ? await toldOf(scope, rows) : new Map<string, Told>();
  if (scope.partner === undefined)
    for (const [process, own] of Map.groupBy(rows, ({ process }) => process)) {
      const byKey = await readExceptionActs(scope.database, scope.namespace, process, [
        ...new Set(own.map(({ key }) => key)),
      ]);
      for (const all of byKey.values())
        for (const { process: _, key, id, at, until, expected: __, actual: ___, result: ____, ...act } of all) {
          const name = nameOf({ process, key, id });
          acts.set(name, [...(acts.get(name) ?? []), { ...act, at: time(at), ...optionalTime('until', until) }]);
        }
    }
  const plans = new Map(scope.processes.map((plan) => [plan.name, plan]));
  return rows.map((row) => {
    const { money, currency, openedAt, dueAt, closedAt, snoozedUntil, owner, closedBy, partners, ...rest } = row;
    return {
      ...pick(rest),
      openedAt: time(openedAt),
      ...(money !== null && currency !== null && { money: { amount: money, currency } }),
      partners: scope.partner === undefined ? (partners ?? []) : [scope.partner],
      ...dense({ owner: scope.partner === undefined ? owner || null : null, closedBy }),
      ...optionalTime('dueAt', dueAt),
      overdue: closedAt === null && dueAt !== null && dueAt < now,
      ...optionalTime('closedAt', closedAt),
      ...optionalTime('snoozedUntil', snoozedUntil !== null && snoozedUntil > now ? snoozedUntil : null),
      resolutions:
        scope.partner === undefined && closedAt === null
          ? resolutionsOf(plans.get(row.process), row.match).map((one) => ({ ...one }))
          : [],
      ...(told.has(nameOf(row)) && { told: told.get(nameOf(row))! }),
      acts: acts.get(nameOf(row)) ?? [],
    } as ExceptionItem;
  });
}
const nameOf = ({ process, key, id }: Pick<Row, 'process' | 'key' | 'id'>): string => `${process}\n${key}\n${id}`;

type Told = NonNullable<ExceptionItem['told']>;
/** What systems are told of it, the last decision of each. */
async function toldOf({ database, namespace }: Scope, rows: readonly Row[]): Promise<Map<string, Told>> {
  const { rows: sent } = await database.query<{ process: string; key: string; exception: string } & Told>(
    `select process, key, exception, document, integration from resolutions
     where namespace = $1 and (process, key) in (select * from unnest($2::text[], $3::text[])) order by at`,
    [namespace, rows.map(({ process }) => process), rows.map(({ key }) => key)],
  );
  if (sent.length === 0) return new Map();
  const states = await statesOf(
    database,
    namespace,
    sent.map(({ document }) => document),
  );
  return new Map(
    sent.map(({ process, key, exception: id, document, integration }) => {
      const state = states.get(document);
      return [nameOf({ process, key, id }), { document, integration, ...(state && { state }) }];
    }),
  );
}
const pick = ({
  process,
  key,
  id,
  match,
  kind,
  line,
  expected,
  actual,
  severity,
  escalated,
}: Omit<
  Row,
  'openedAt' | 'money' | 'currency' | 'dueAt' | 'closedAt' | 'snoozedUntil' | 'owner' | 'closedBy' | 'partners'
>) => ({
  process,
  key,
  id,
  match,
  kind,
  line,
  expected,
  actual,
  severity,
  escalated,
});
