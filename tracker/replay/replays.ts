/**
 * Carries replays out: selects, waits for approval, sends at the asked rate, and sees what comes of it. Every step is in the database, so
 * that a tracker that is killed is followed by one that goes on. An item whose account is in the item's epoch already was sent, even if
 * nobody wrote that down: it is not sent twice. What was sent and is not known of yet may be sent again, under the same ids and the same
 * idempotency key.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { inTransaction } from '../../runtime/store/transaction.ts';
import { audit } from '../acts/audit.ts';
import type { Office } from '../acts/contract.ts';
import { DEFAULT_LIMIT, DEFAULT_RATE } from './check.ts';
import type { ReplayPlan, ReplayState } from './contract.ts';
import { selectItems, storeItems } from './select.ts';
import { Sender } from './send.ts';
import { countItems, type ItemCounts, ROW, replayOf, type StoredReplay, syncReplays } from './store.ts';

const IDLE_MS = 300;
const RETRY_MS = 1_000;
const SWEEP_MS = 60_000;
/** What is still in flight so long after the last was sent is waited for no longer: it has its retries. */
const SETTLE_MS = 30_000;

export interface ReplaysOptions extends Office {
  /** Called when something changed that a status shows. */
  onChange?(): void;
  settleMs?: number;
}

export class Replays {
  readonly #options: ReplaysOptions;
  readonly #sender: Sender;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  /** undefined: nothing is known of what there should be. */
  #plans: readonly ReplayPlan[] | undefined;
  #synced = true;
  #trouble: string | undefined;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(options: ReplaysOptions) {
    this.#options = options;
    this.#sender = new Sender(options);
    this.#ended = this.#run();
  }

  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** The Replay resources that there are. */
  use(plans: readonly ReplayPlan[]): void {
    this.#plans = plans;
    this.#synced = false;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let wait = IDLE_MS;
      try {
        if (!this.#synced && this.#plans) await this.#sync(this.#plans);
        for (const replay of await this.#unfinished()) {
          if (signal.aborted) return;
          if (await this.#step(replay)) wait = 0;
        }
        this.#trouble = undefined;
      } catch (error) {
        if (signal.aborted) return;
        this.#trouble = `replays: ${(error as Error).message}`;
        this.#options.log.warn('replays wait', {
          namespace: this.#options.namespace,
          error: (error as Error).message,
        });
        wait = RETRY_MS;
      }
      if (wait > 0) await delay(wait, undefined, { signal }).catch(() => {});
    }
  }

  async #sync(plans: readonly ReplayPlan[]): Promise<void> {
    const { database, namespace } = this.#options;
    await inTransaction(database, (client) => syncReplays(client, namespace, plans));
    if (plans === this.#plans) this.#synced = true;
    this.#options.onChange?.();
  }

  async #unfinished(): Promise<StoredReplay[]> {
    const { database, namespace } = this.#options;
    if (performance.now() - this.#sweptAt >= SWEEP_MS) await this.#sweep();
    const { rows } = await database.query<Parameters<typeof replayOf>[0]>(
      `select ${ROW} from replays where namespace = $1 and finished_at is null order by created_at, name`,
      [namespace],
    );
    return rows.map(replayOf);
  }

  /** Of a resource the row stays as long as the resource: without it the replay would begin anew. */
  async #sweep(): Promise<void> {
    const { database, namespace } = this.#options;
    this.#sweptAt = performance.now();
    // What was cancelled because its resource is gone has ended meanwhile, and is forgotten.
    this.#synced = this.#plans === undefined;
    await database.query(
      `with gone as (delete from replays where namespace = $1 and origin = 'Person' and finished_at + (spec->>'ttlMs')::bigint < $2
         returning name)
       delete from replay_items where namespace = $1 and replay in (select name from gone)`,
      [namespace, Date.now()],
    );
  }

  /** Whether there is more to do at once. Nothing is done while another tracker is at it. */
  async #step(replay: StoredReplay): Promise<boolean> {
    const { database, namespace } = this.#options;
    return inTransaction(database, async (client) => {
      const { rows } = await client.query<{ free: boolean }>('select pg_try_advisory_xact_lock(hashtext($1)) as free', [
        `crossdock replays ${namespace}`,
      ]);
      if (!rows[0]!.free) return false;
      if (replay.cancelled) return this.#finish(client, replay, 'Cancelled');
      if (replay.state === 'Pending') return this.#select(client, replay);
      if (replay.state === 'AwaitingApproval') return this.#approve(client, replay);
      if (replay.sentAt !== undefined) return this.#settle(client, replay);
      if (await this.#sender.send(client, replay)) return this.#count(client, replay);
      await this.#update(client, replay, { sent_at: Date.now() });
      return true;
    });
  }

  async #select(client: pg.ClientBase, replay: StoredReplay): Promise<boolean> {
    const { namespace, log } = this.#options;
    const { name, mode, selector, limit = DEFAULT_LIMIT } = replay;
    const items = await selectItems(client, namespace, selector);
    await storeItems(client, namespace, name, items, mode === 'DryRun');
    const selected = items.length;
    log.info('replay selected', { namespace, replay: name, selected, mode });
    const refused = items.filter((item) => item.refused).length;
    if (selected === 0 || mode === 'DryRun')
      return this.#finish(client, { ...replay, selected }, 'Succeeded', {
        Selected: selected - refused,
        Refused: refused,
      });
    const waits = selected > limit;
    await this.#update(client, replay, {
      selected,
      state: waits ? 'AwaitingApproval' : 'Running',
      message: waits
        ? `${selected} documents are selected, above the limit of ${limit}: another person than ${replay.requestedBy} must approve`
        : `${selected} documents are sent at ${replay.ratePerSecond ?? DEFAULT_RATE} a second`,
      ...(!waits && { started_at: Date.now() }),
    });
    return true;
  }

  async #approve(client: pg.ClientBase, replay: StoredReplay): Promise<boolean> {
    const { approvals, requestedBy, selected } = replay;
    const [by] = approvals.filter((one) => one !== requestedBy);
    if (by === undefined) return false;
    const message = `${selected} documents are sent, approved by ${by}`;
    await this.#update(client, replay, { state: 'Running', message, started_at: Date.now() });
    return true;
  }

  async #count(client: pg.ClientBase, replay: StoredReplay): Promise<boolean> {
    const counts = await countItems(client, this.#options.namespace, replay.name);
    await this.#update(client, replay, figures(counts));
    return true;
  }

  async #settle(client: pg.ClientBase, replay: StoredReplay): Promise<boolean> {
    const counts = await countItems(client, this.#options.namespace, replay.name);
    const { InFlight = 0 } = counts;
    const waited = Date.now() - replay.sentAt!;
    if (InFlight > 0 && waited < (this.#options.settleMs ?? SETTLE_MS)) {
      await this.#update(client, replay, figures(counts));
      return false;
    }
    const { failed } = figures(counts);
    return this.#finish(client, replay, failed > 0 ? 'Failed' : 'Succeeded', counts);
  }

  async #finish(client: pg.ClientBase, replay: StoredReplay, state: ReplayState, known?: ItemCounts): Promise<boolean> {
    const { namespace, log } = this.#options;
    const counts = known ?? (await countItems(client, namespace, replay.name));
    const message = messageOf(replay, state, counts);
    await this.#update(client, replay, {
      ...{ state, message, selected: replay.selected, finished_at: Date.now() },
      ...figures(counts),
    });
    const { name, requestedBy: actor, reason, selected } = replay;
    const detail = { state, selected, ...figures(counts) };
    const outcome = state === 'Failed' ? 'Failed' : 'Done';
    await audit(client, namespace, { actor, act: 'ReplayEnded', target: `Replay/${name}`, outcome, reason, detail });
    log.info('replay ended', { namespace, replay: name, ...detail });
    return false;
  }

  async #update(client: pg.ClientBase, { name }: StoredReplay, values: Record<string, unknown>): Promise<void> {
    const names = Object.keys(values);
    const { rowCount } = await client.query(
      `update replays set ${names.map((column, i) => `${column} = $${i + 3}`).join(', ')} where namespace = $1 and name = $2
       and (${names.map((column, i) => `${column} is distinct from $${i + 3}`).join(' or ')})`,
      [this.#options.namespace, name, ...Object.values(values)],
    );
    if (rowCount) this.#options.onChange?.();
  }
}

/** In a status. */
function figures(counts: ItemCounts): { done: number; failed: number } {
  const { Waiting = 0, Selected = 0, Skipped = 0, Refused = 0, DeadLettered = 0, Parked = 0, Rejected = 0 } = counts;
  const failed = Refused + DeadLettered + Parked + Rejected;
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { done: all - Waiting - Selected - Skipped - failed, failed };
}

const WORDS: [keyof ItemCounts, string][] = [
  ['Selected', 'would be sent'],
  ['Delivered', 'delivered'],
  ['InFlight', 'still in flight'],
  ['DeadLettered', 'in the dead letters again'],
  ['Parked', 'parked'],
  ['Rejected', 'rejected'],
  ['Duplicate', 'were duplicates'],
  ['Superseded', 'superseded by later ones'],
  ['Skipped', 'had nothing left to do'],
  ['Refused', 'could not be sent'],
  ['Waiting', 'not sent'],
];
export function messageOf(
  { selected, mode }: Pick<StoredReplay, 'selected' | 'mode'>,
  state: ReplayState,
  counts: ItemCounts,
) {
  if (selected === 0 && state !== 'Cancelled') return 'nothing is selected: no document is as the selector says';
  const parts = WORDS.flatMap(([outcome, words]) => (counts[outcome] ? [`${counts[outcome]} ${words}`] : []));
  const of = `${selected} ${selected === 1 ? 'document' : 'documents'}`;
  if (mode === 'DryRun') return `dry run: of ${of} ${parts.join(', ')}`;
  return state === 'Cancelled'
    ? `cancelled; of ${of} ${parts.join(', ') || 'none was sent'}`
    : `of ${of} ${parts.join(', ')}`;
}
