/**
 * Forgets documents whose type's retention is over: their payloads, journal entries, accounts and keys. Only what has come to its end
 * goes, and what belongs to business transactions goes with those, when they are closed and the longest retention among the types of
 * their process is over: a transaction is never left with some of its documents. A process with a type that is kept for ever keeps all.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { RECEIVED } from '../runtime/journal/payload.ts';
import type { Log } from '../runtime/telemetry/log.ts';
import type { ProcessPlan, TrackerPlan } from './plan.ts';
import { aloneWithProcesses } from './process/alone.ts';

export interface RetentionOptions {
  namespace: string;
  database: pg.Pool;
  log: Log;
  /** Between two looks. Default 10 min. */
  everyMs?: number;
  now?: () => number;
}

/** Documents a transaction: locks stay short, and the tracker's own writing goes on between. */
const BATCH = 500;
const UNTYPED = '';

export class Retention {
  readonly #options: RetentionOptions;
  readonly #stopping = new AbortController();
  #plan: TrackerPlan | undefined;
  #turn: Promise<void> | undefined;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  use(plan: TrackerPlan): void {
    this.#plan = plan;
    this.#turn ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#turn;
  }

  async #run(): Promise<void> {
    const { namespace, database, log, everyMs = 600_000, now = Date.now } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        for (const { type, ms } of keptFor(this.#plan!)) {
          let count = 0;
          for (let batch = BATCH; batch === BATCH && !signal.aborted; count += batch)
            batch = await forget(database, namespace, type, this.#plan!.processes, now() - ms);
          if (count > 0) log.info('documents forgotten: their retention is over', { namespace, type, count });
          if (type !== UNTYPED) continue;
          while ((await forgetOriginals(database, namespace, now() - ms)) === BATCH && !signal.aborted);
        }
      } catch (error) {
        log.warn('documents were not forgotten, trying again', { namespace, error: (error as Error).message });
      }
      await delay(everyMs, undefined, { signal }).catch(() => {});
    }
  }
}

/**
 * Types that are not kept for ever, and for how long: in a process, as long as the one of it that is kept longest. What never got a type ('')
 * as long as any of these.
 */
export function keptFor({ types = {}, processes }: Pick<TrackerPlan, 'types' | 'processes'>): {
  type: string;
  ms: number;
}[] {
  const together = processes.map(({ documents, milestones }) => [
    ...documents.map(({ type }) => type),
    ...milestones.flatMap(({ document }) => document?.type ?? []),
  ]);
  const longest = (type: string, known: Set<string>): number => {
    if (known.has(type)) return 0;
    known.add(type);
    const others = together.filter((each) => each.includes(type)).flat();
    const own = types[type]?.retentionMs ?? Number.POSITIVE_INFINITY;
    return Math.max(own, ...others.map((other) => longest(other, known)));
  };
  const kept = Object.keys(types)
    .sort()
    .map((type) => ({ type, ms: longest(type, new Set()) }))
    .filter(({ ms }) => Number.isFinite(ms));
  return kept.length === 0 ? [] : [...kept, { type: UNTYPED, ms: Math.max(...kept.map(({ ms }) => ms)) }];
}

/** Forgets at most one batch of what came before `before`; gives how many documents. */
async function forget(
  database: pg.Pool,
  namespace: string,
  type: string,
  processes: readonly Pick<ProcessPlan, 'name' | 'keyName'>[],
  before: number,
): Promise<number> {
  return aloneWithProcesses(database, namespace, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `select d.id from documents d
       where d.namespace = $1 and d.type = $2 and d.first_at < $3
         and not exists (select from accounts a where a.namespace = $1 and a.document = d.id
           and a.state in ('InFlight', 'DeadLettered', 'Parked') and a.outcome <> 'Discarded')
         and not exists (select from document_keys k
           join unnest($4::text[], $5::text[]) p (process, key_name) on p.key_name = k.name
           join transactions t on t.namespace = $1 and t.process = p.process and t.key = k.value
           where k.namespace = $1 and k.document = d.id and (t.state = 'Open' or t.changed_at >= $3))
       order by d.first_at limit $6`,
      [namespace, type, before, processes.map(({ name }) => name), processes.map(({ keyName }) => keyName), BATCH],
    );
    const documents = rows.map(({ id }) => id);
    if (documents.length === 0) return 0;
    const { rows: keys } = await client.query<{ value: string }>(
      'select distinct value from document_keys where namespace = $1 and document = any($2)',
      [namespace, documents],
    );
    for (const table of ['payloads', 'entries', 'accounts', 'document_keys', 'acknowledgments', 'mapped_by'])
      await client.query(`delete from ${table} where namespace = $1 and document = any($2)`, [namespace, documents]);
    const { rows: caused } = await client.query<{ causation: string }>(
      'delete from documents where namespace = $1 and id = any($2) returning causation',
      [namespace, documents],
    );
    // What came is kept as long as one of the documents that it held.
    await client.query(
      `delete from payloads p where p.namespace = $1 and p.document = any($2) and p.destination = '${RECEIVED}'
         and not exists (select from documents d where d.namespace = $1 and d.causation = p.document)`,
      [namespace, [...new Set(caused.flatMap(({ causation }) => causation ?? []))]],
    );
    // The last of a transaction's documents takes it along.
    const { rows: gone } = await client.query<{ process: string; key: string }>(
      `delete from transactions t where t.namespace = $1 and t.key = any($2)
         and not exists (select from document_keys k where k.namespace = $1 and k.value = t.key)
       returning process, key`,
      [namespace, keys.map(({ value }) => value)],
    );
    const of = [namespace, gone.map(({ process }) => process), gone.map(({ key }) => key)];
    for (const table of ['exceptions', 'objectives', 'exception_acts', 'facts_by_hand', 'resolutions'])
      await client.query(
        `delete from ${table} where namespace = $1 and (process, key) in (select * from unnest($2::text[], $3::text[]))`,
        of,
      );
    return documents.length;
  });
}

/** What came and no document is known of any more, or ever was, as with a file of acknowledgments alone. */
async function forgetOriginals(database: pg.Pool, namespace: string, before: number): Promise<number> {
  const { rowCount } = await database.query(
    `delete from payloads where namespace = $1 and destination = '${RECEIVED}' and document in (
       select p.document from payloads p where p.namespace = $1 and p.destination = '${RECEIVED}' and p.at < $2
         and not exists (select from documents d where d.namespace = $1 and d.id = p.document)
         and not exists (select from documents d where d.namespace = $1 and d.causation = p.document)
       order by p.at limit $3)`,
    [namespace, before, BATCH],
  );
  return rowCount ?? 0;
}
