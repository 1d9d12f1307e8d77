/** What is to arrive, whether it is announced, and what nobody has confirmed. */
import type { Arrival, AsnState, Today, TodayQuery, Unconfirmed } from '../api/contract.ts';
import type { ProcessPlan } from '../plan.ts';
import { exactOf, optionalTime, type Scope, sidesOf, time } from './scope.ts';
import { type Body, orderValue } from './transactions.ts';

const DAY_MS = 86_400_000;
const MAX_ROWS = 300;

interface Row {
  process: string;
  key: string;
  body: Body;
  exceptions: number;
}

export async function readToday(scope: Scope, { day, days = 1 }: TodayQuery, now = Date.now()): Promise<Today> {
  const from = day ?? new Date(now).toISOString().slice(0, 10);
  const to = new Date(Date.parse(from) + days * DAY_MS).toISOString().slice(0, 10);
  const [arrivals, unconfirmed] = await Promise.all([readArrivals(scope, from, to), readUnconfirmed(scope)]);
  const places = Map.groupBy(arrivals, ({ shipTo }) => shipTo);
  const count = (all: readonly { arrival: Arrival }[], asn: AsnState) =>
    all.filter(({ arrival }) => arrival.asn === asn).length;
  return {
    day: from,
    days,
    arrivals: [...places]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([shipTo, all]) => ({
        shipTo,
        present: count(all, 'Present'),
        absent: count(all, 'Absent'),
        mismatched: count(all, 'Mismatched'),
        expected: all.map(({ arrival }) => arrival),
      })),
    unconfirmed,
  };
}

async function readArrivals(scope: Scope, from: string, to: string): Promise<{ shipTo: string; arrival: Arrival }[]> {
  const { database, namespace, partner = null } = scope;
  const { rows } = await database.query<Row & { dueAt: number | null; shipments: string[] | null }>(
    `select t.process, t.key, t.body,
       (select count(*)::int from exceptions e where e.namespace = $1 and e.process = t.process and e.key = t.key and e.closed_at is null) as exceptions,
       (select min(o.due_at)::float8 from objectives o where o.namespace = $1 and o.process = t.process and o.key = t.key
         and o.state in ('Pending', 'Warning', 'Breached')) as "dueAt"
     from transactions t where t.namespace = $1 and t.expected_on >= $2 and t.expected_on < $3 and t.state <> 'Cancelled'
       and ($4::text is null or t.partners ? $4)
     order by t.expected_on, t.process, t.key limit ${MAX_ROWS}`,
    [namespace, from, to, partner],
  );
  const shipments = await shipmentsOf(scope, rows);
  return rows.map((row) => {
    const plan = scope.processes.find(({ name }) => name === row.process);
    return { shipTo: row.body.shipTo ?? '', arrival: arrivalOf(scope, row, plan, shipments.get(row.key) ?? []) };
  });
}

/** Values of the key `shipment` of the ship notices, by transaction. */
async function shipmentsOf(
  { database, namespace, processes }: Scope,
  rows: readonly Row[],
): Promise<Map<string, string[]>> {
  const types = processes.flatMap((plan) => sidesOf(plan).shipped ?? []);
  const { rows: found } = await database.query<{ key: string; shipments: string[] }>(
    `select k.value as key, array_agg(distinct s.value order by s.value) as shipments from document_keys k
     join documents d on d.namespace = $1 and d.id = k.document and d.type = any($4)
     cross join lateral jsonb_array_elements_text(d.keys->'shipment') s(value)
     where k.namespace = $1 and k.value = any($2) and k.name = any($3) group by 1`,
    [namespace, rows.map(({ key }) => key), [...new Set(processes.map(({ keyName }) => keyName))], types],
  );
  return new Map(found.map(({ key, shipments }) => [key, shipments]));
}

function arrivalOf(
  { partner }: Scope,
  { process, key, body, exceptions, dueAt }: Row & { dueAt: number | null },
  plan: ProcessPlan | undefined,
  shipments: string[],
): Arrival {
  const sides = sidesOf(plan);
  const shippedOf = (line: Body['lines'][number]) => sides.shipped && line.quantities[sides.shipped]?.quantity;
  const announced = body.lines.filter((line) => {
    const [shipped, ordered] = [exactOf(shippedOf(line) ?? '0'), exactOf(line.ordered)];
    return shipped && ordered && shipped.gte(ordered);
  }).length;
  const some = shipments.length > 0 || body.lines.some((line) => shippedOf(line) !== undefined);
  const over = body.lines.some((line) => exactOf(shippedOf(line) ?? '0')?.gt(exactOf(line.ordered) ?? 0));
  const whole = announced === body.lines.length && !over && exceptions === 0;
  const received = body.milestones.find(({ name }) => /receiv/i.test(name));
  return {
    process,
    key,
    partners: partner === undefined ? body.partners : [partner],
    expectedOn: body.expectedOn!,
    asn: !some ? 'Absent' : whole ? 'Present' : 'Mismatched',
    shipments,
    lines: body.lines.length,
    announced,
    received: received?.state === 'Reached',
    ...optionalTime('dueAt', dueAt),
  };
}

/** Released, not confirmed: those due first, then the oldest. */
async function readUnconfirmed(scope: Scope): Promise<Unconfirmed[]> {
  const { database, namespace, partner = null } = scope;
  const places = scope.processes.flatMap(({ name, milestones }) => {
    const place = milestones.findIndex((one) => one.document && /confirm/i.test(one.name));
    return place < 0 ? [] : [{ name, place, milestone: milestones[place]!.name }];
  });
  if (places.length === 0) return [];
  const { rows } = await database.query<{
    process: string;
    key: string;
    body: Body;
    dueAt: number | null;
    status: Unconfirmed['status'] | null;
  }>(
    // Bodies are read of those that are shown, not of all that are sorted.
    `with first as materialized (
       select t.process, t.key, t.opened_at, o.due_at, o.state
       from (select * from unnest($3::text[], $4::int[], $5::text[])) p(process, place, milestone)
       join transactions t on t.namespace = $1 and t.process = p.process and t.state = 'Open' and substr(t.stages, p.place, 1) = 'O'
       left join objectives o on o.namespace = $1 and o.process = t.process and o.key = t.key
         and o.to_milestone = p.milestone and o.state in ('Pending', 'Warning', 'Breached')
       where ($2::text is null or t.partners ? $2)
       order by o.due_at nulls last, t.opened_at limit ${MAX_ROWS})
     select f.process, f.key, t.body, f.due_at::float8 as "dueAt", f.state as status
     from first f join transactions t on t.namespace = $1 and t.process = f.process and t.key = f.key
     order by f.due_at nulls last, f.opened_at`,
    [
      namespace,
      partner,
      places.map(({ name }) => name),
      places.map(({ place }) => 2 + 3 * place),
      places.map(({ milestone }) => milestone),
    ],
  );
  const first = new Map(rows.toReversed().map((row) => [`${row.process}\n${row.key}`, row]));
  return [...first.values()].toReversed().map(({ process, key, body, dueAt, status }) => ({
    process,
    key,
    partners: partner === null ? body.partners : [partner],
    releasedAt: time(body.milestones.find(({ state }) => state === 'Reached')?.at ?? body.openedAt),
    ...(body.expectedOn !== undefined && { expectedOn: body.expectedOn }),
    ...optionalTime('dueAt', dueAt),
    ...(status && { status }),
    value: orderValue(body),
  }));
}
