/**
 * What changed, for those who look on. Marks of the tables are read while anybody listens; an event says which of them moved. Ids are of this process:
 * after a restart, or when too much was missed, listeners are told to read all anew.
 */
import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { Changed, Topic } from './contract.ts';

const TURN_MS = 500;
const KEPT = 500;
const MAX_KEYS = 100;

export interface ChangeEvent {
  id: string;
  event: 'changed' | 'reset';
  data: Changed;
}
type Listener = (event: ChangeEvent) => void;

const MARKS = `select
  coalesce((select last_offset::text from positions where namespace = $1), '') || ' ' ||
    coalesce((select last_offset::text from payload_positions where namespace = $1), '') as documents,
  (select coalesce(max(changed_at), 0)::text from transactions where namespace = $1) || ' ' ||
    (select count(*) from touched where namespace = $1) as transactions,
  coalesce((select max(seq)::text from exception_acts where namespace = $1), '') || ' ' ||
    coalesce((select max(at)::text from notices where namespace = $1), '') as exceptions,
  (select count(*) || ' ' || coalesce(max(at), 0) from accounts where namespace = $1 and state in ('DeadLettered', 'Parked') and outcome <> 'Discarded')
    as "dead-letters",
  (select coalesce(string_agg(name || state || done || failed || selected, ' ' order by name), '') from (
    select * from replays where namespace = $1 order by created_at desc limit 20) r) as replays,
  coalesce((select max(seq)::text from audit where namespace = $1), '') as audit`;

export class Changes {
  readonly #database: pg.Pool;
  readonly #namespace: string;
  readonly #life = randomBytes(4).toString('hex');
  readonly #listeners = new Set<{ partner: string | undefined; tell: Listener }>();
  #count = 0;
  #events: ChangeEvent[] = [];
  #marks: Record<string, string> | undefined;
  #newest = 0;
  #told = new Set<Topic>();
  #timer: NodeJS.Timeout | undefined;

  constructor(database: pg.Pool, namespace: string) {
    this.#database = database;
    this.#namespace = namespace;
  }

  /** Something changed that is in no table. */
  tell(topic: Topic): void {
    this.#told.add(topic);
  }

  /** Calls with what came after `lastId`, then with what comes, until the function that it gives is called. A partner hears no keys. */
  listen(lastId: string | undefined, partner: string | undefined, tell: Listener): () => void {
    const listener = { partner, tell };
    if (lastId !== undefined) {
      const [life, number] = lastId.split('-');
      const from = Number(number);
      const missed =
        life === this.#life && from <= this.#count
          ? this.#events.filter(({ id }) => Number(id.split('-')[1]) > from)
          : [];
      if (life === this.#life && from <= this.#count && missed.length === this.#count - from)
        for (const event of missed) tell(confined(event, partner));
      else tell({ id: this.#id(), event: 'reset', data: { topics: [] } });
    }
    this.#listeners.add(listener);
    this.#timer ??= setTimeout(() => void this.#turn(), 0);
    return () => this.#listeners.delete(listener);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #id = (): string => `${this.#life}-${this.#count}`;

  async #turn(): Promise<void> {
    try {
      const topics = new Set<Topic>(this.#told);
      this.#told = new Set();
      const { rows } = await this.#database.query<Record<Topic, string>>(MARKS, [this.#namespace]);
      const before = this.#marks;
      this.#marks = rows[0]!;
      for (const topic of before ? (Object.keys(this.#marks) as Topic[]) : [])
        if (this.#marks[topic] !== before![topic]) topics.add(topic);
      if (topics.has('transactions')) topics.add('exceptions');
      const keys = topics.has('transactions') ? await this.#keys() : [];
      if (topics.size > 0)
        this.#emit({
          topics: [...topics].sort(),
          ...(keys.length > 0 && keys.length < MAX_KEYS && { transactions: keys }),
        });
    } catch {
      // The next turn sees it.
    }
    this.#timer = this.#listeners.size > 0 ? setTimeout(() => void this.#turn(), TURN_MS) : undefined;
    // What happens while nobody listens is missed: then an id of before tells nothing.
    if (!this.#timer) {
      this.#marks = undefined;
      this.#events = [];
      this.#count += 1;
    }
  }

  async #keys(): Promise<{ process: string; key: string }[]> {
    const { rows } = await this.#database.query<{ process: string; key: string; at: number }>(
      `select process, key, changed_at::float8 as at from transactions where namespace = $1 and changed_at > $2
       order by changed_at desc limit ${MAX_KEYS}`,
      [this.#namespace, this.#newest],
    );
    const first = this.#newest === 0;
    this.#newest = Math.max(this.#newest, ...rows.map(({ at }) => at));
    return first ? [] : rows.map(({ process, key }) => ({ process, key }));
  }

  #emit(data: Changed): void {
    this.#count += 1;
    const event: ChangeEvent = { id: this.#id(), event: 'changed', data };
    this.#events = [...this.#events, event].slice(-KEPT);
    for (const { partner, tell } of this.#listeners) tell(confined(event, partner));
  }
}

/** Whose keys they are is not known here. */
function confined(event: ChangeEvent, partner: string | undefined): ChangeEvent {
  if (partner === undefined) return event;
  const topics = event.data.topics.filter((topic) => ['documents', 'transactions', 'exceptions'].includes(topic));
  return { ...event, data: { topics } };
}
