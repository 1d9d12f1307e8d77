/** One business transaction with everything that is known of it. */
import { readFacts } from '../acts/facts.ts';
import type { Fact, OrderLine, TransactionDetail } from '../api/contract.ts';
import { readObjectives } from '../deadlines/read.ts';
import type { LinkPlan } from '../plan.ts';
import type { LineState } from '../process/fold.ts';
import { readDocuments } from './documents.ts';
import { exceptionsOf } from './exceptions.ts';
import { linksOf } from './links.ts';
import { exactOf, optionalTime, type Scope, type Sides, sidesOf, time } from './scope.ts';
import { type Body, rowsOf } from './transactions.ts';

const MAX_DOCUMENTS = 500;

/** undefined: not there, or not the caller's. */
export async function readTransaction(
  scope: Scope,
  process: string,
  key: string,
  links?: readonly LinkPlan[],
): Promise<TransactionDetail | undefined> {
  const { database, namespace, partner = null } = scope;
  const { rows } = await database.query<{ body: Body }>(
    'select body from transactions t where namespace = $1 and process = $2 and key = $3 and ($4::text is null or partners ? $4)',
    [namespace, process, key, partner],
  );
  const body = rows[0]?.body;
  if (!body) return undefined;
  const plan = scope.processes.find(({ name }) => name === process);
  const keyName = plan?.keyName ?? '';
  const own = partner !== null;
  const [[row], objectives, items, timeline, facts] = await Promise.all([
    rowsOf(scope, [{ process, key, body }]),
    readObjectives(database, namespace, key),
    exceptionsOf(scope, process, key),
    documentsOf(scope, keyName, key).then((ids) => readDocuments(scope, ids)),
    own ? new Map<string, never[]>() : readFacts(database, namespace, process, [key]),
  ]);
  const { expectedOn, shipTo } = body;
  return {
    ...row!,
    keyName,
    ...(expectedOn !== undefined && { expectedOn }),
    ...(shipTo !== undefined && { shipTo }),
    objectives: objectives
      .filter((one) => one.process === process)
      .map(({ policy, objective, from, to, severity, state, dueAt, warnAt, closedAt, reason }) => ({
        policy,
        name: objective,
        ...(from !== undefined && { from }),
        to,
        severity,
        status: state,
        ...optionalTime('dueAt', dueAt),
        ...optionalTime('warnAt', warnAt),
        ...optionalTime('at', closedAt),
        ...(reason && { message: reason }),
      })),
    lines: body.lines.map((line) => lineOf(line, sidesOf(plan))),
    matches: body.matches,
    exceptionItems: items,
    problems: own ? [] : body.problems,
    timeline,
    facts: (facts.get(key) ?? []).map(factOf),
    links: own ? [] : linksOf(links, [{ name: keyName, value: key }]),
  };
}

/** Ids of those that carry the key, and of what they caused. */
async function documentsOf({ database, namespace }: Scope, keyName: string, key: string): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    `with recursive found as (
       select document as id from document_keys where namespace = $1 and value = $3 and name = $2
       union select d.id from documents d join found f on d.causation = f.id where d.namespace = $1)
     select id from found limit $4`,
    [namespace, keyName, key, MAX_DOCUMENTS],
  );
  return rows.map(({ id }) => id);
}

function lineOf({ id, item, unit, ordered, price, currency, quantities }: LineState, sides: Sides): OrderLine {
  const of = (type: string | undefined) => (type === undefined ? undefined : quantities[type]);
  const received = of(sides.received);
  const open = exactOf(ordered)?.minus(exactOf(received?.quantity ?? '0') ?? 0);
  const quantity = (name: 'confirmed' | 'shipped' | 'received' | 'invoiced') => {
    const known = of(sides[name])?.quantity;
    return known === undefined ? {} : { [name]: known };
  };
  return {
    id,
    ...(item !== undefined && { item }),
    ...(unit !== undefined && { unit }),
    ...(price !== undefined && { price }),
    ...(currency !== undefined && { currency }),
    ordered,
    ...quantity('confirmed'),
    ...quantity('shipped'),
    ...quantity('received'),
    ...(received?.damaged !== undefined && { damaged: received.damaged }),
    ...quantity('invoiced'),
    open: open?.isPositive() ? open.toFixed() : '0',
  };
}

export const factOf = ({
  id,
  milestone,
  at,
  by,
  reason,
  lines,
  recordedAt,
}: Omit<Fact, 'at' | 'recordedAt'> & { at: number; recordedAt: number }): Fact => ({
  id,
  milestone,
  at: time(at),
  by,
  reason,
  ...(lines && { lines }),
  recordedAt: time(recordedAt),
});
