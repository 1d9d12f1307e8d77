/** What people do about exceptions: kept beside them and applied at each fold, so that folding anew forgets nothing. */
import type pg from 'pg';
import { inTransaction } from '../../runtime/store/transaction.ts';
import type { ProcessPlan } from '../plan.ts';
import { readPlan, resolutionsOf } from '../resolutions/declared.ts';
import { type Decision, recordDecisions } from '../resolutions/record.ts';
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

/**
 * Each exception as it is open now. One that is not open, or not there, or for which its process does not declare the resolution, is among the failed.
 * What an Integration is to be told goes out after the commit (resolutions/resolutions.ts).
 */
export async function actOnExceptions(
  database: pg.Pool,
  namespace: string,
  refs: readonly ExceptionRef[],
  request: ExceptionActRequest,
  now: number = Date.now(),
): Promise<ActReport> {
  const { kind, by, text, owner, until, resolution } = checked(request, now);
  return inTransaction(database, async (client) => {
    const failed: ActReport['failed'] = [];
    const acts: ExceptionAct[] = [];
    const plans = new Map<string, ProcessPlan | undefined>();
    const decisions: Decision[] = [];
    if (kind === 'Resolve') await lock(client, namespace, refs);
    for (const { process, key, id } of refs) {
      const row = await readOne(client, namespace, { process, key, id });
      if (!plans.has(process)) plans.set(process, await readPlan(client, namespace, process));
      const refusal = refusalOf(row, key, request, plans.get(process));
      if (refusal !== undefined || !row) {
        failed.push({ id, message: refusal ?? '' });
        continue;
      }
      const { expected, actual } = row;
      const declared = resolutionsOf(plans.get(process), row.match).find(({ name }) => name === resolution);
      acts.push({
        ...{ process, key, id, kind, by, at: now, expected, actual },
        ...(text !== undefined && { text }),
        ...(owner !== undefined && { owner }),
        ...(until !== undefined && { until }),
        ...(declared && { resolution: declared.name, result: declared.result }),
      });
      if (declared?.integration !== undefined) {
        const { open: _, byPerson: __, resolved: ___, money, currency, ...exception } = row;
        decisions.push({
          ...{ process, key, id, by, at: now, resolution: declared.name, integration: declared.integration },
          text: text ?? '',
          exception: { ...exception, ...(money !== null && { money }), ...(currency !== null && { currency }) },
        });
      }
    }
    if (acts.length === 0) return { selected: refs.length, done: 0, failed };
    await client.query(
      `insert into exception_acts (namespace, process, key, id, at, kind, by, text, owner, until, effect, result, expected, actual)
       select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[],
         $10::bigint[], $11::text[], $12::text[], $13::text[], $14::text[])`,
      [
        namespace,
        ...columns(acts, (a) => [
          ...[a.process, a.key, a.id, a.at, a.kind, a.by, a.text ?? null, a.owner ?? null, a.until ?? null],
          ...[a.resolution ?? null, a.result ?? null, a.expected, a.actual],
        ]),
      ],
    );
    const told = new Map<string, string>();
    for (const [process, own] of Map.groupBy(decisions, (one) => one.process)) {
      const documents = await recordDecisions(client, namespace, plans.get(process)!, own);
      for (const [i, { key, id }] of own.entries()) told.set(nameOf({ process, key, id }), documents[i]!);
    }
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
            ...(act.resolution && { resolution: act.resolution, expected: act.expected, actual: act.actual }),
            ...(told.has(nameOf(act)) && { document: told.get(nameOf(act))! }),
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
const nameOf = ({ process, key, id }: ExceptionRef): string => `${process}/${key}/${id}`;

/** Of two who resolve one at once, the second must see what the first did. */
async function lock(client: pg.ClientBase, namespace: string, refs: readonly ExceptionRef[]): Promise<void> {
  const names = new Set(refs.map(({ process, key }) => `crossdock exceptions ${namespace} ${process} ${key}`));
  for (const name of [...names].sort()) await client.query('select pg_advisory_xact_lock(hashtext($1))', [name]);
}

interface Row {
  match: string;
  kind: string;
  line: string;
  expected: string;
  actual: string;
  money: string | null;
  currency: string | null;
  severity: string;
  openedAt: number;
  open: boolean;
  byPerson: boolean;
  /** With the same figures, and not folded yet. */
  resolved: boolean;
}
async function readOne(
  client: pg.ClientBase,
  namespace: string,
  { process, key, id }: ExceptionRef,
): Promise<Row | undefined> {
  const { rows } = await client.query<Row>(
    `select match, kind, line, expected, actual, money::text as money, currency, severity, opened_at::float8 as "openedAt",
       closed_at is null as open, closed_by = 'Person' as "byPerson",
       exists (select from exception_acts a where a.namespace = $1 and a.process = $2 and a.key = $3 and a.id = $4 and a.kind = 'Resolve'
         and a.at >= e.opened_at and a.expected = e.expected and a.actual = e.actual) as resolved
     from exceptions e where namespace = $1 and process = $2 and key = $3 and id = $4 order by opened_at desc limit 1`,
    [namespace, process, key, id],
  );
  return rows[0];
}

function refusalOf(
  row: Row | undefined,
  key: string,
  { kind, resolution }: ExceptionActRequest,
  plan: ProcessPlan | undefined,
): string | undefined {
  if (!row) return `transaction ${key} has no such exception`;
  // What a person closed may still be spoken about.
  if (!row.open && !(kind === 'Comment' && row.byPerson)) return 'it is closed already';
  if (kind !== 'Resolve') return undefined;
  if (row.resolved) return 'it is resolved already';
  const names = resolutionsOf(plan, row.match).map(({ name }) => name);
  return names.includes(resolution!)
    ? undefined
    : `match ${row.match} has no resolution ${resolution}: ${names.join(', ')}`;
}

const PAST: Record<ExceptionActRequest['kind'], string> = {
  Assign: 'Assigned',
  Comment: 'Commented',
  Snooze: 'Snoozed',
  Escalate: 'Escalated',
  Resolve: 'Resolved',
};

function checked(request: ExceptionActRequest, now: number): ExceptionActRequest {
  const { kind, by, text, owner, until, resolution } = request;
  checkText('by', by, 128);
  if (!Object.hasOwn(PAST, kind)) throw new ActError('Invalid', `${kind} is no act on an exception`);
  if (kind === 'Comment' || kind === 'Resolve') checkText('text', text, 2_000);
  if (kind === 'Assign' && owner === undefined) throw new ActError('Invalid', 'owner is missing');
  if (kind === 'Snooze' && (until === undefined || until <= now))
    throw new ActError('Invalid', 'until must be a time in the future');
  if (kind === 'Resolve') checkText('resolution', resolution, 63);
  else if (resolution !== undefined) throw new ActError('Invalid', 'resolution belongs to Resolve');
  return request;
}

/** Of acts that a tracker wrote before a BusinessProcess could declare resolutions. */
const RESULT_BEFORE = `case when effect in ('Accept', 'ReleaseInvoice', 'DebitNote') then 'Settled' else 'Disputed' end`;
/** Acts on the exceptions of transactions, oldest first, by key. */
export async function readExceptionActs(
  database: pg.Pool | pg.ClientBase,
  namespace: string,
  process: string,
  keys: readonly string[],
): Promise<Map<string, ExceptionAct[]>> {
  const { rows } = await database.query<Record<keyof ExceptionAct, unknown> & { key: string }>(
    `select process, key, id, kind, by, at::float8 as at, text, owner, until::float8 as until, effect as resolution, expected, actual,
       case when kind = 'Resolve' then coalesce(result, ${RESULT_BEFORE}) end as result
     from exception_acts where namespace = $1 and process = $2 and key = any($3) order by seq`,
    [namespace, process, keys],
  );
  const acts = rows.map(
    (row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as ExceptionAct,
  );
  return Map.groupBy(acts, ({ key }) => key);
}
