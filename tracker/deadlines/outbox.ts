/** Notices and notifications in PostgreSQL. */
import type pg from 'pg';
import type { SlaEvent } from '../plan.ts';
import { columns } from '../rows.ts';
import type { Firing, Message, MessageEvent, Notice } from './message.ts';

/** Of one message at most. */
const GATHERED = 20_000;
const AT_ONCE = 20;
const KEPT_MS = 7 * 86_400_000;

const NOTICE = `event, process, key, objective, partner, severity, due_at::float8 as "dueAt", at::float8 as at`;
const noticeOf = ({ dueAt, ...row }: Notice & { dueAt?: number | null }): Notice => ({
  ...row,
  ...(dueAt != null && { dueAt }),
});

/** Takes them, once the oldest came before `before`. */
export async function takeNotices(
  client: pg.ClientBase,
  namespace: string,
  policy: string,
  before: number,
): Promise<{ notices: Notice[]; last?: number }> {
  const { rows: oldest } = await client.query<{ at: number }>(
    'select at::float8 as at from notices where namespace = $1 and policy = $2 order by id limit 1',
    [namespace, policy],
  );
  if (oldest[0] === undefined || oldest[0].at > before) return { notices: [] };
  const { rows } = await client.query<Notice & { id: number }>(
    `with taken as (delete from notices where id in (
       select id from notices where namespace = $1 and policy = $2 order by id limit ${GATHERED} for update skip locked) returning *)
     select id::float8 as id, ${NOTICE} from taken order by id`,
    [namespace, policy],
  );
  const last = rows.at(-1)?.id;
  return { notices: rows.map(({ id: _, ...row }) => noticeOf(row)), ...(last !== undefined && { last }) };
}

export async function put(
  client: pg.ClientBase,
  namespace: string,
  messages: readonly { policy: string; recipient: string; message: Message }[],
  at: number,
): Promise<void> {
  if (messages.length > 0)
    await client.query(
      `insert into notifications (namespace, at, next_at, id, policy, recipient, event, body)
       select $1, $2, $2, * from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[]) on conflict do nothing`,
      [
        namespace,
        at,
        ...columns(messages, ({ policy, recipient, message }) => [
          message.id,
          policy,
          recipient,
          message.event,
          JSON.stringify(message),
        ]),
      ],
    );
}

export interface Waiting {
  id: string;
  policy: string;
  recipient: string;
  attempts: number;
  at: number;
  message: Message;
}
export async function toSend(database: pg.Pool, namespace: string, now: number): Promise<Waiting[]> {
  const { rows } = await database.query<Waiting>(
    `select id, policy, recipient, attempts, at::float8 as at, body as message from notifications
     where namespace = $1 and next_at <= $2 order by next_at limit ${AT_ONCE}`,
    [namespace, now],
  );
  return rows;
}

/** What became of an attempt; without `nextAt` there is no other. */
export async function nextMessages(
  database: pg.Pool,
  namespace: string,
  id: string,
  { sentAt, nextAt, error }: { sentAt?: number; nextAt?: number; error?: string },
): Promise<void> {
  await database.query(
    `update notifications set attempts = attempts + 1, sent_at = $3, next_at = $4, error = $5 where namespace = $1 and id = $2`,
    [namespace, id, sentAt ?? null, nextAt ?? null, error ?? null],
  );
}

/** When a recipient was told last of one of the events, or is to be told; undefined: never. */
export async function lastTold(
  database: pg.Pool,
  namespace: string,
  policy: string,
  recipient: string,
  events: readonly MessageEvent[],
): Promise<number | undefined> {
  const { rows } = await database.query<{ at: number | null }>(
    `select max(at)::float8 as at from notifications
     where namespace = $1 and policy = $2 and recipient = $3 and event = any($4)`,
    [namespace, policy, recipient, events],
  );
  return rows[0]?.at ?? undefined;
}

/** Everything in these states by a policy, the longest overdue first. */
export async function openNow(
  database: pg.Pool,
  namespace: string,
  policy: string,
  states: readonly ('Warning' | 'Breached')[],
): Promise<Notice[]> {
  const { rows } = await database.query<Notice>(
    `select 'Breach' as event, process, key, objective, partner, severity, due_at::float8 as "dueAt", due_at::float8 as at
     from objectives where namespace = $1 and policy = $2 and state in ('Warning', 'Breached') and state = any($3) order by due_at limit ${GATHERED}`,
    [namespace, policy, states],
  );
  return rows.map(noticeOf);
}

/** How it stands now with what a message is about, and for a reminder with all. */
export async function firingNow(
  database: pg.Pool,
  namespace: string,
  policy: string,
  events: readonly SlaEvent[],
  message: Message,
): Promise<Firing[]> {
  const { rows } = await database.query<Firing & { example: string | null }>(
    `select objective, partner, severity, case state when 'Breached' then 'Breach' else 'Warning' end as event,
       count(*)::int as transactions, min(due_at)::float8 as since, min(key) as example
     from objectives where namespace = $1 and policy = $2 and state = any($3) group by objective, partner, severity, state
     order by objective, partner, state`,
    [
      namespace,
      policy,
      [...(events.includes('Breach') ? ['Breached'] : []), ...(events.includes('Warning') ? ['Warning'] : [])],
    ],
  );
  const firing = rows.map(({ example, ...row }) => ({ ...row, ...(example !== null && { example }) }));
  const known = new Set(
    firing.map(({ objective, partner, severity, event }) => JSON.stringify([objective, partner, severity, event])),
  );
  const over = message.items.flatMap(({ objective, partner, severity, dueAt }) =>
    (['Breach', 'Warning'] as const).flatMap((event): Firing[] => {
      const key = JSON.stringify([objective, partner, severity, event]);
      if (known.has(key) || !events.includes(event)) return [];
      known.add(key);
      return [
        { objective, partner, severity, event, transactions: 0, since: dueAt === undefined ? 0 : Date.parse(dueAt) },
      ];
    }),
  );
  return [...firing, ...over];
}

/** Notifications that wait to be taken, by policy. */
export async function countNotifications(database: pg.Pool, namespace: string): Promise<Record<string, number>> {
  const { rows } = await database.query<{ policy: string; waiting: number }>(
    `select policy, count(*)::int as waiting from notifications where namespace = $1 and next_at is not null
     group by policy order by policy`,
    [namespace],
  );
  return Object.fromEntries(rows.map(({ policy, waiting }) => [policy, waiting]));
}

export async function dropOld(database: pg.Pool, namespace: string, now: number): Promise<void> {
  await database.query('delete from notifications where namespace = $1 and next_at is null and at < $2', [
    namespace,
    now - KEPT_MS,
  ]);
}
