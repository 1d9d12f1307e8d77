/** Replays in PostgreSQL: asked for by people or by Replay resources, approved, cancelled, and told of. */
import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { inTransaction } from '../../runtime/store/transaction.ts';
import { audit } from '../acts/audit.ts';
import { checkPerson, checkText } from '../acts/check.ts';
import { ActError, type Person } from '../acts/contract.ts';
import { checkSpec } from './check.ts';
import { ENDED, type Replay, type ReplayItem, type ReplayPlan, type ReplaySpec, type ReplayState } from './contract.ts';

interface Row {
  name: string;
  uid: string;
  origin: Replay['origin'];
  spec: ReplaySpec;
  state: ReplayState;
  message: string;
  approvals: string[];
  cancelled: boolean;
  selected: number;
  done: number;
  failed: number;
  createdAt: number;
  startedAt: number | null;
  sentAt: number | null;
  finishedAt: number | null;
}
export const ROW = `name, uid, origin, spec, state, message, approvals, cancelled, selected, done, failed, created_at::float8 as "createdAt",
  started_at::float8 as "startedAt", sent_at::float8 as "sentAt", finished_at::float8 as "finishedAt"`;
export type StoredReplay = Replay & { uid: string; sentAt?: number };

export const replayOf = ({ spec, startedAt, sentAt, finishedAt, ...row }: Row): StoredReplay => ({
  ...spec,
  ...row,
  ...(startedAt !== null && { startedAt }),
  ...(sentAt !== null && { sentAt }),
  ...(finishedAt !== null && { finishedAt }),
});

/** A person asks for one. It is carried out by the tracker; a dry run too. */
export async function startReplay(
  database: pg.Pool,
  namespace: string,
  spec: ReplaySpec,
  { name = `replay-${randomBytes(5).toString('hex')}`, now = Date.now() } = {},
): Promise<Replay> {
  checkSpec(spec);
  return inTransaction(database, async (client) => {
    const { rows } = await client.query<Row>(
      `insert into replays (namespace, name, uid, origin, spec, state, message, created_at)
       values ($1, $2, $3, 'Person', $4, 'Pending', '', $5) on conflict do nothing returning ${ROW}`,
      [namespace, name, randomBytes(16).toString('hex'), JSON.stringify(spec), now],
    );
    if (!rows[0]) throw new ActError('Conflict', `there is a replay ${name} already`);
    const { requestedBy: actor, reason, mode, selector } = spec;
    const detail = { mode, selector: JSON.stringify(selector) };
    await audit(
      client,
      namespace,
      { actor, act: 'ReplayStarted', target: `Replay/${name}`, outcome: 'Done', reason, detail },
      now,
    );
    return replayOf(rows[0]);
  });
}

/** What was sent stays sent. */
export async function cancelReplay(
  database: pg.Pool,
  namespace: string,
  name: string,
  { by, reason }: Person,
): Promise<void> {
  checkPerson({ by, reason });
  await inTransaction(database, async (client) => {
    const { state } = await lockReplay(client, namespace, name);
    if (ENDED.includes(state)) throw new ActError('Conflict', `replay ${name} has ended already: ${state}`);
    await client.query('update replays set cancelled = true where namespace = $1 and name = $2', [namespace, name]);
    await audit(client, namespace, {
      ...{ actor: by, act: 'ReplayCancelled', target: `Replay/${name}`, outcome: 'Done', reason },
    });
  });
}

/** By another person than the one who asked. */
export async function approveReplay(database: pg.Pool, namespace: string, name: string, by: string): Promise<void> {
  checkText('by', by, 128);
  const refusal = await inTransaction(database, async (client) => {
    const { state, requestedBy, reason } = await lockReplay(client, namespace, name);
    const wrong = ENDED.includes(state)
      ? `replay ${name} has ended already: ${state}`
      : by === requestedBy
        ? `${by} asked for replay ${name}: another person must approve it`
        : undefined;
    const record = { actor: by, act: 'ReplayApproved', target: `Replay/${name}`, reason } as const;
    await audit(client, namespace, { ...record, outcome: wrong ? 'Refused' : 'Done' });
    if (!wrong)
      await client.query(
        `update replays set approvals = array_append(array_remove(approvals, $3), $3) where namespace = $1 and name = $2`,
        [namespace, name, by],
      );
    return wrong;
  });
  if (refusal) throw new ActError('Conflict', refusal);
}

async function lockReplay(client: pg.ClientBase, namespace: string, name: string): Promise<StoredReplay> {
  const { rows } = await client.query<Row>(`select ${ROW} from replays where namespace = $1 and name = $2 for update`, [
    namespace,
    name,
  ]);
  if (!rows[0]) throw new ActError('NotFound', `there is no replay ${name}`);
  return replayOf(rows[0]);
}

/** Newest first. */
export async function readReplays(database: pg.Pool, namespace: string, limit = 100): Promise<StoredReplay[]> {
  const { rows } = await database.query<Row>(
    `select ${ROW} from replays where namespace = $1 order by created_at desc, name limit $2`,
    [namespace, limit],
  );
  return rows.map(replayOf);
}
export async function readReplay(
  database: pg.Pool,
  namespace: string,
  name: string,
): Promise<StoredReplay | undefined> {
  const { rows } = await database.query<Row>(`select ${ROW} from replays where namespace = $1 and name = $2`, [
    namespace,
    name,
  ]);
  return rows[0] && replayOf(rows[0]);
}

/** Of a sent item its account, as it is now. An account without a state was passed on. */
const OUTCOME = `case when i.outcome <> 'Sent' then i.outcome
  when a.epoch >= i.epoch then coalesce(a.state, 'Delivered') else 'InFlight' end`;
const ITEMS = `from replay_items i left join accounts a on a.namespace = i.namespace and a.document = i.document
  and a.destination = i.destination where i.namespace = $1 and i.replay = $2`;

/** In the order in which they are sent. */
export async function readReplayItems(
  database: pg.Pool,
  namespace: string,
  name: string,
  { limit = 200, offset = 0 } = {},
): Promise<ReplayItem[]> {
  const { rows } = await database.query<ReplayItem>(
    `select i.document, i.destination, coalesce(d.type, '') as type, ${OUTCOME} as outcome, i.epoch,
       case when i.outcome = 'Sent' and a.epoch >= i.epoch then coalesce(a.error_message, '') else i.message end as message
     from (select * from replay_items where namespace = $1 and replay = $2 order by seq limit $3 offset $4) i
     left join accounts a on a.namespace = i.namespace and a.document = i.document and a.destination = i.destination
     left join documents d on d.namespace = i.namespace and d.id = i.document order by i.seq`,
    [namespace, name, limit, offset],
  );
  return rows;
}

export type ItemCounts = Partial<Record<ReplayItem['outcome'], number>>;
export async function countItems(
  database: pg.Pool | pg.ClientBase,
  namespace: string,
  name: string,
): Promise<ItemCounts> {
  const { rows } = await database.query<{ outcome: ReplayItem['outcome']; count: number }>(
    `select ${OUTCOME} as outcome, count(*)::int as count ${ITEMS} group by 1`,
    [namespace, name],
  );
  return Object.fromEntries(rows.map(({ outcome, count }) => [outcome, count]));
}

/**
 * Takes note of the Replay resources that there are. One that is gone is cancelled, and forgotten when it has ended; one of the same name and
 * another UID is another.
 */
export async function syncReplays(
  client: pg.ClientBase,
  namespace: string,
  plans: readonly ReplayPlan[],
  now: number = Date.now(),
): Promise<void> {
  const { rows } = await client.query<Pick<Row, 'name' | 'uid' | 'finishedAt'>>(
    `select name, uid, finished_at::float8 as "finishedAt" from replays where namespace = $1 and origin = 'Resource' for update`,
    [namespace],
  );
  for (const { name, uid, finishedAt } of rows) {
    const plan = plans.find((one) => one.name === name && one.uid === uid);
    if (plan) continue;
    const successor = plans.some((one) => one.name === name);
    if (finishedAt !== null || successor) await forgetReplay(client, namespace, name);
    else
      await client.query('update replays set cancelled = true where namespace = $1 and name = $2', [namespace, name]);
  }
  for (const { name, uid, spec, approvals, cancelled } of plans) {
    const { rowCount } = await client.query(
      `insert into replays (namespace, name, uid, origin, spec, state, message, created_at)
       values ($1, $2, $3, 'Resource', $4, 'Pending', '', $5) on conflict do nothing`,
      [namespace, name, uid, JSON.stringify(spec), now],
    );
    if (rowCount === 1) {
      const { requestedBy: actor, reason, mode, selector } = spec;
      const detail = { mode, selector: JSON.stringify(selector) };
      const record = {
        actor,
        act: 'ReplayStarted',
        target: `Replay/${name}`,
        outcome: 'Done',
        reason,
        detail,
      } as const;
      await audit(client, namespace, record, now);
    }
    await client.query(
      `update replays set approvals = $4, cancelled = cancelled or $5 where namespace = $1 and name = $2 and uid = $3
       and (approvals <> $4 or cancelled <> (cancelled or $5))`,
      [namespace, name, uid, approvals, cancelled],
    );
  }
}

export async function forgetReplay(client: pg.ClientBase, namespace: string, name: string): Promise<void> {
  for (const [table, column] of [
    ['replay_items', 'replay'],
    ['replays', 'name'],
  ])
    await client.query(`delete from ${table} where namespace = $1 and ${column} = $2`, [namespace, name]);
}

/** Some of those that could not be sent or failed again. */
export async function readFailures(
  database: pg.Pool,
  namespace: string,
  name: string,
  limit: number,
): Promise<Pick<ReplayItem, 'document' | 'destination' | 'message'>[]> {
  const { rows } = await database.query<Pick<ReplayItem, 'document' | 'destination' | 'message'>>(
    `select i.document, i.destination, case when i.outcome = 'Refused' then i.message else coalesce(a.error_message, '') end as message
     ${ITEMS} and (i.outcome = 'Refused' or i.outcome = 'Sent' and a.epoch >= i.epoch and a.state in ('DeadLettered', 'Parked', 'Rejected'))
     order by i.seq limit $3`,
    [namespace, name, limit],
  );
  return rows;
}
