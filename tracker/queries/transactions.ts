/** Lists of business transactions. Each list reads its page by an index; what else a row shows is read for the page alone. */
import type { TransactionList, TransactionRow, TransactionsQuery } from '../api/contract.ts';
import type { TransactionState } from '../process/fold.ts';
import { cursorOf, exactOf, readCursor, type Scope, sumMoney, time } from './scope.ts';

export type Body = Omit<TransactionState, 'exceptions'>;
interface Row {
  process: string;
  key: string;
  sorted: string;
  body: Body;
}

const MAX_VALUES = 1_000;
/** Any number of pasted values. */
export const valuesOf = (q: string): string[] => [...new Set(q.split(/[\s,;]+/).filter(Boolean))].slice(0, MAX_VALUES);

const ORDERS = {
  opened: ['opened_at', 'asc'],
  '-opened': ['opened_at', 'desc'],
  changed: ['changed_at', 'asc'],
  '-changed': ['changed_at', 'desc'],
  key: ['key', 'asc'],
  '-key': ['key', 'desc'],
} as const;

export async function listTransactions(scope: Scope, query: TransactionsQuery): Promise<TransactionList> {
  const { limit = 50, sort = '-opened', cursor } = query;
  const values = query.q === undefined ? undefined : valuesOf(query.q);
  const parameters: unknown[] = [];
  const $ = (value: unknown) => `$${parameters.push(value)}`;
  const ns = $(scope.namespace);
  const where = [`t.namespace = ${ns}`];
  if (query.process !== undefined) where.push(`t.process = ${$(query.process)}`);
  if (query.state !== undefined) where.push(`t.state = ${$(query.state)}`);
  for (const partner of [query.partner, scope.partner])
    if (partner !== undefined) where.push(`t.partners ? ${$(partner)}`);
  if (query.from !== undefined) where.push(`t.opened_at >= ${$(Date.parse(query.from))}`);
  if (query.to !== undefined) where.push(`t.opened_at < ${$(Date.parse(query.to))}`);
  const about = (table: string, holds: string) =>
    `exists (select from ${table} x where x.namespace = t.namespace and x.process = t.process and x.key = t.key and ${holds})`;
  if (query.late !== undefined)
    where.push(
      `${query.late ? '' : 'not '}${about('objectives', "x.state in ('Warning', 'Breached') and x.state = 'Breached'")}`,
    );
  if (query.exception !== undefined)
    where.push(`${query.exception ? '' : 'not '}${about('exceptions', 'x.closed_at is null')}`);
  if (query.atRisk !== undefined)
    where.push(
      `${query.atRisk ? '' : 'not '}(${about('exceptions', 'x.closed_at is null')} or ${about('objectives', "x.state in ('Warning', 'Breached')")})`,
    );
  if (query.missing !== undefined) where.push(missing(scope, query.missing, $));
  let leads: Map<string, string[]> | undefined;
  if (values !== undefined) {
    leads = await leadsOf(scope, values);
    const any = `t.key = any(${$([...new Set([...leads.values()].flat())])})`;
    where.push(values.length === 1 ? `(${any} or t.key like ${$(`${likeText(values[0]!)}%`)})` : any);
  }
  const [column, direction] = ORDERS[sort];
  if (cursor !== undefined) {
    const [at, process, key] = readCursor(cursor, ['string', 'string', 'string']);
    const cast = column === 'key' ? 'text' : 'bigint';
    const beyond = direction === 'desc' ? '<' : '>';
    where.push(
      `(t.${column} ${beyond} ${$(at)}::${cast} or t.${column} = ${$(at)}::${cast} and (t.process, t.key) > (${$(process)}, ${$(key)}))`,
    );
  }
  const { rows } = await scope.database.query<Row>(
    `select t.process, t.key, t.${column}::text as sorted, t.body from transactions t where ${where.join(' and ')}
     order by t.${column} ${direction}, t.process, t.key limit ${$(limit + 1)}`,
    parameters,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: await rowsOf(scope, page),
    ...(rows.length > limit && last && { next: cursorOf([last.sorted, last.process, last.key]) }),
    ...(leads && leads.size > 1 && { notFound: await notFound(scope, leads) }),
  };
}

/** The letter of a milestone's place in `stages` is not R. */
function missing({ processes }: Scope, milestone: string, $: (value: unknown) => string): string {
  const places = processes.flatMap(({ name, milestones }) => {
    const place = milestones.findIndex((one) => one.name === milestone);
    return place < 0 ? [] : [{ name, place }];
  });
  if (places.length === 0) return 'false';
  // `[R, O, P]`: a letter each three characters, from the second.
  return `(${places
    .map(({ name, place }) => `t.process = ${$(name)} and substr(t.stages, ${$(2 + 3 * place)}::int, 1) <> 'R'`)
    .join(' or ')})`;
}

const likeText = (text: string): string => text.replaceAll(/[\\%_]/g, '\\$&');

/** By value of any business key: keys of the transactions that it leads to, first itself. */
async function leadsOf(
  { database, namespace, processes }: Scope,
  values: readonly string[],
): Promise<Map<string, string[]>> {
  const names = [...new Set(processes.map(({ keyName }) => keyName))];
  const { rows } = await database.query<{ value: string; keys: Record<string, string[]> }>(
    `select k.value, d.keys from document_keys k join documents d on d.namespace = $1 and d.id = k.document
     where k.namespace = $1 and k.value = any($2)`,
    [namespace, values],
  );
  const leads = new Map(values.map((value) => [value, new Set([value])]));
  for (const { value, keys } of rows)
    for (const name of names) for (const key of keys[name] ?? []) leads.get(value)!.add(key);
  return new Map([...leads].map(([value, keys]) => [value, [...keys]]));
}

/** Values of which the caller can see no transaction. */
async function notFound(
  { database, namespace, partner }: Scope,
  leads: ReadonlyMap<string, string[]>,
): Promise<string[]> {
  const { rows } = await database.query<{ key: string }>(
    'select distinct key from transactions where namespace = $1 and key = any($2) and ($3::text is null or partners ? $3)',
    [namespace, [...new Set([...leads.values()].flat())], partner ?? null],
  );
  const there = new Set(rows.map(({ key }) => key));
  return [...leads].flatMap(([value, keys]) => (keys.some((key) => there.has(key)) ? [] : [value]));
}

/** What the lists show of transactions. */
export async function rowsOf(
  scope: Scope,
  page: readonly Pick<Row, 'process' | 'key' | 'body'>[],
): Promise<TransactionRow[]> {
  const pairs = [page.map(({ process }) => process), page.map(({ key }) => key)];
  const [exceptions, objectives] = await Promise.all([
    scope.database.query<{ process: string; key: string; money: string | null; currency: string | null }>(
      `select e.process, e.key, e.money::text as money, e.currency from unnest($2::text[], $3::text[]) p(process, key)
       join exceptions e on e.namespace = $1 and e.process = p.process and e.key = p.key and e.closed_at is null`,
      [scope.namespace, ...pairs],
    ),
    scope.database.query<{ process: string; key: string; late: boolean; warning: boolean }>(
      `select o.process, o.key, bool_or(o.state = 'Breached') as late, bool_or(o.state = 'Warning') as warning
       from unnest($2::text[], $3::text[]) p(process, key)
       join objectives o on o.namespace = $1 and o.process = p.process and o.key = p.key and o.state in ('Warning', 'Breached')
       group by 1, 2`,
      [scope.namespace, ...pairs],
    ),
  ]);
  const name = ({ process, key }: { process: string; key: string }) => `${process}\n${key}`;
  const open = Map.groupBy(exceptions.rows, name);
  const late = new Map(objectives.rows.map((row) => [name(row), row]));
  return page.map(({ process, key, body }) => {
    const own = open.get(name({ process, key })) ?? [];
    const objective = late.get(name({ process, key }));
    return {
      process,
      key,
      state: body.state,
      partners: scope.partner === undefined ? body.partners : [scope.partner],
      openedAt: time(body.openedAt),
      changedAt: time(body.changedAt),
      milestones: milestonesOf(body),
      late: objective?.late ?? false,
      warning: objective?.warning ?? false,
      exceptions: own.length,
      atRisk: sumMoney(own.flatMap(({ money, currency }) => (money && currency ? [{ amount: money, currency }] : []))),
      value: orderValue(body),
    };
  });
}

const milestonesOf = ({ milestones }: Body): TransactionRow['milestones'] =>
  milestones.map(({ at, ...rest }) => ({ ...rest, ...(at !== undefined && { at: time(at) }) }));

/** Ordered quantities at their prices. */
export const orderValue = ({ lines }: Body): TransactionRow['value'] =>
  sumMoney(
    lines.flatMap(({ ordered, price, currency }) => {
      const [quantity, each] = [exactOf(ordered), price === undefined ? undefined : exactOf(price)];
      return quantity && each ? [{ amount: quantity.times(each), currency }] : [];
    }),
  );
