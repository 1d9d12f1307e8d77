/** What people do about exceptions: kept beside them and applied at each fold, so that folding anew forgets nothing. */
import type pg from 'pg';
import { inTransaction } from '../../runtime/store/transaction.ts';
import { columns } from '../rows.ts';
import { audit } from './audit.ts';
import { checkText } from './check.ts';
import {
  ActError,
  type ActReport,
  type ExceptionAct,
  type ExceptionActRequest,
  type ExceptionRef,
} from './contract.ts';
import { touchTransactions } from './touch.ts';

const EFFECTS = ['None', 'Accept', 'ReleaseInvoice', 'DebitNote', 'Dispute'];

/** Each exception as it is open now. One that is not open, or not there, is among the failed. */
export async function actOnExceptions(
  database: pg.Pool,
  namespace: string,
  refs: readonly ExceptionRef[],
  request: ExceptionActRequest,
  now: number = Date.now(),
): Promise<ActReport> {
  const { kind, by, text, owner, until, effect } = checked(request, now);
  return inTransaction(database, async (client) => {
    const failed: ActReport['failed'] = [];
    const acts: ExceptionAct[] = [];
    for (const { process, key, id } of refs) {
      const { rows } = await client.query<{ expected: string; actual: string; open: boolean; byPerson: boolean }>(
        `select expected, actual, closed_at is null as open, closed_by = 'Person' as "byPerson" from exceptions
         where namespace = $1 and process = $2 and key = $3 and id = $4 order by opened_at desc limit 1`,
        [namespace, process, key, id],
      );
      const [row] = rows;
      // What a person closed may still be spoken about.
      if (!row) failed.push({ id, message: `transaction ${key} has no such exception` });
      else if (!row.open && !(kind === 'Comment' && row.byPerson)) failed.push({ id, message: 'it is closed already' });
      else {
        const { expected, actual } = row;
        acts.push({
          ...{ process, key, id, kind, by, at: now, expected, actual },
          ...(text !== undefined && { text }),
          ...(owner !== undefined && { owner }),
          ...(until !== undefined && { until }),
          ...(kind === 'Resolve' && { effect: effect ?? 'None' }),
        });
      }
    }
    if (acts.length === 0) return { selected: refs.length, done: 0, failed };
    await client.query(
      `insert into exception_acts (namespace, process, key, id, at, kind, by, text, owner, until, effect, expected, actual)
       select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[],
         $10::bigint[], $11::text[], $12::text[], $13::text[])`,
      [
        namespace,
        ...columns(acts, (a) => [
          ...[a.process, a.key, a.id, a.at, a.kind, a.by, a.text ?? null, a.owner ?? null, a.until ?? null],
          ...[a.effect ?? null, a.expected, a.actual],
        ]),
      ],
    );
    for (const act of acts)
      await audit(
        client,
        namespace,
        {
          actor: by,
          act: `Exception${PAST[kind]}`,
          target: `Exception/${act.process}/${act.key}/${act.id}`,
          outcome: 'Done',
          ...(text !== undefined && { reason: text }),
          detail: {
            ...(owner !== undefined && { owner }),
            ...(until !== undefined && { until: new Date(until).toISOString() }),
            ...(act.effect && { effect: act.effect, expected: act.expected, actual: act.actual }),
          },
        },
        now,
      );
    await touchTransactions(
      client,
      namespace,
      acts.map(({ key }) => key),
    );
    return { selected: refs.length, done: acts.length, failed };
  });
}
const PAST: Record<ExceptionActRequest['kind'], string> = {
  Assign: 'Assigned',
  Comment: 'Commented',
  Snooze: 'Snoozed',
  Escalate: 'Escalated',
  Resolve: 'Resolved',
};

function checked(request: ExceptionActRequest, now: number): ExceptionActRequest {
  const { kind, by, text, owner, until, effect } = request;
  checkText('by', by, 128);
  if (!Object.hasOwn(PAST, kind)) throw new ActError('Invalid', `${kind} is no act on an exception`);
  if (kind === 'Comment' || kind === 'Resolve') checkText('text', text, 2_000);
  if (kind === 'Assign' && owner === undefined) throw new ActError('Invalid', 'owner is missing');
  if (kind === 'Snooze' && (until === undefined || until <= now))
    throw new ActError('Invalid', 'until must be a time in the future');
  if (effect !== undefined && (kind !== 'Resolve' || !EFFECTS.includes(effect)))
    throw new ActError('Invalid', `effect belongs to Resolve, and is one of ${EFFECTS.join(', ')}`);
  return request;
}

/** Acts on the exceptions of transactions, oldest first, by key. */
export async function readExceptionActs(
  database: pg.Pool | pg.ClientBase,
  namespace: string,
  process: string,
  keys: readonly string[],
): Promise<Map<string, ExceptionAct[]>> {
  const { rows } = await database.query<Record<keyof ExceptionAct, unknown> & { key: string }>(
    `select process, key, id, kind, by, at::float8 as at, text, owner, until::float8 as until, effect, expected, actual
     from exception_acts where namespace = $1 and process = $2 and key = any($3) order by seq`,
    [namespace, process, keys],
  );
  const acts = rows.map(
    (row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as ExceptionAct,
  );
  return Map.groupBy(acts, ({ key }) => key);
}
