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
  if (query.missing !== undefined) where.push(missing(scope, query.missing, $));
  let keys: Set<string> | undefined;
  if (values !== undefined) {
    keys = await keysByValue(scope, values);
    const any = `t.key = any(${$([...keys])})`;
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
    ...(values && values.length > 1 && { notFound: await notFound(scope, values) }),
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

/** Keys of transactions by values of any business key of their documents. */
async function keysByValue({ database, namespace, processes }: Scope, values: readonly string[]): Promise<Set<string>> {
  const names = [...new Set(processes.map(({ keyName }) => keyName))];
  const { rows } = await database.query<{ key: string }>(
    `select distinct value as key from (
       select unnest($2::text[]) as value
       union all
       select jsonb_array_elements_text(d.keys->n.name) from document_keys k
       join documents d on d.namespace = k.namespace and d.id = k.document
       cross join unnest($3::text[]) n(name)
       where k.namespace = $1 and k.value = any($2)) found`,
    [namespace, values, names],
  );
  return new Set(rows.map(({ key }) => key));
}

/** Values of which the caller can see no transaction. */
async function notFound(scope: Scope, values: readonly string[]): Promise<string[]> {
  const { rows } = await scope.database.query<{ value: string }>(
    `with asked as (select unnest($2::text[]) as value),
       leads as (
         select value, value as key from asked
         union select a.value, jsonb_array_elements_text(d.keys->n.name) from asked a
           join document_keys k on k.namespace = $1 and k.value = a.value
           join documents d on d.namespace = $1 and d.id = k.document cross join unnest($3::text[]) n(name))
     select value from asked except
     select l.value from leads l join transactions t on t.namespace = $1 and t.key = l.key
       and ($4::text is null or t.partners ? $4)`,
    [scope.namespace, values, [...new Set(scope.processes.map(({ keyName }) => keyName))], scope.partner ?? null],
  );
  const gone = new Set(rows.map(({ value }) => value));
  return values.filter((value) => gone.has(value));
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
