/** A live table as expressions see it: rows that were asked before are in memory as long as nobody changes them. */

import { refused } from '../mapping/functions/definition.ts';
import { ask, giveUp, had, type PENDING, type Row, type RowSource } from '../mapping/lookups.ts';
import type { Table } from '../mapping/mapping.ts';
import { keyOf } from '../mapping/tables.ts';
import { StoreUnavailableError } from '../store/store.ts';
import type { Database } from './database.ts';
import { type Folding, isKey } from './fold.ts';

/** The table cannot be asked now; whoever asks comes back. */
export class TableUnavailableError extends StoreUnavailableError {
  override name = 'TableUnavailableError';
  readonly table: string;
  /** The table's own word: what asks it may be accepted unchecked, and is checked later. */
  readonly provisional: boolean;
  constructor(table: Folding, why: string, cause?: unknown) {
    super(`ReferenceTable "${table.plan.name}" cannot be asked now: ${why}`, { cause });
    this.table = table.plan.name;
    this.provisional = table.plan.live?.whenStale === 'AcceptProvisionally';
  }
}

/** What is known of the table and of the connection that tells of changes. All times in epoch ms. */
export interface Knowledge {
  /** When PostgreSQL told the rest of this last; undefined = never. */
  heardAt?: number;
  /** Changes of rows may go unheard. */
  deaf: boolean;
  seededAt?: number;
  /** Every document accepted before that is in the rows. */
  currentAt?: number;
  /** Why the seed could not be read. */
  seedTrouble?: string;
}

const MAX_ROWS = 200_000;
/** A pod that dies between a change and telling of it leaves others with the row as it was, for so long at most. */
const MAX_AGE_MS = 10_000;

export class LiveTable implements Table, RowSource {
  folding: Folding;
  knowledge: Knowledge = { deaf: true };
  readonly #database: Database;
  readonly #now: () => number;
  readonly #rows = new Map<string, { row: Row | undefined; at: number }>();
  /** Being fetched, and not changed since the fetch began. */
  readonly #fetching = new Map<string, symbol>();

  constructor(folding: Folding, database: Database, now: () => number = Date.now) {
    this.folding = folding;
    this.#database = database;
    this.#now = now;
  }
  get name(): string {
    return this.folding.plan.name;
  }
  get key(): readonly string[] {
    return this.folding.plan.key;
  }

  get(parts: readonly unknown[]): Row | undefined | typeof PENDING {
    const key = keyOf(parts);
    const known = had(this, key);
    if (known) return known.row;
    const now = this.#now();
    const why = this.trouble(now);
    if (why) giveUp(new TableUnavailableError(this.folding, why));
    const kept = this.#rows.get(key);
    if (kept && now - kept.at < this.#maxAge(now)) return kept.row;
    return isKey(key) ? ask(this, key) : undefined;
  }
  find(): never {
    throw refused(
      'reference.live',
      `ReferenceTable "${this.name}" lives: its rows are found by the whole key (${this.key.join(', ')}) only`,
    );
  }

  /** Why the table cannot be asked, apart from PostgreSQL being away when a row must be fetched. */
  trouble(now: number): string | undefined {
    const { heardAt, seededAt, currentAt } = this.knowledge;
    const { seed, staleAfterMs, events } = this.folding.plan.live!;
    if (heardAt === undefined) return 'nothing is known of it yet';
    if (seed && seededAt === undefined) return 'its seed was not read yet';
    if (staleAfterMs === undefined || events.length === 0) return undefined;
    if (currentAt === undefined) return 'its events were not taken yet';
    return now - currentAt <= staleAfterMs
      ? undefined
      : `what was accepted in the last ${Math.round((now - currentAt) / 1_000)} s is not in it yet`;
  }

  /** While changes go unheard, rows count as long as the table says (`staleAfter`) since the last word. */
  #maxAge(now: number): number {
    const { deaf, heardAt } = this.knowledge;
    if (!deaf) return MAX_AGE_MS;
    return now - (heardAt ?? 0) <= (this.folding.plan.live!.staleAfterMs ?? 0) ? Number.POSITIVE_INFINITY : 0;
  }

  async load(keys: readonly string[]): Promise<ReadonlyMap<string, Row | undefined>> {
    const mine = Symbol();
    for (const key of keys) this.#fetching.set(key, mine);
    let rows: { key: string; row: string }[];
    try {
      rows = await this.#database.read(
        'select key, row from live_rows where tbl = $1 and key = any($2) and row is not null',
        [this.name, [...keys]],
      );
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw new TableUnavailableError(this.folding, error.message, error);
      throw error;
    }
    const found = new Map(rows.map(({ key, row }) => [key, JSON.parse(row) as Row]));
    const at = this.#now();
    for (const key of keys) {
      if (this.#fetching.get(key) !== mine) continue;
      this.#fetching.delete(key);
      this.#rows.delete(key);
      this.#rows.set(key, { row: found.get(key), at });
    }
    for (const oldest of this.#rows.keys()) {
      if (this.#rows.size <= MAX_ROWS) break;
      this.#rows.delete(oldest);
    }
    return found;
  }

  /** These rows are others now; without keys, all may be. */
  forget(keys?: readonly string[]): void {
    if (keys) {
      for (const key of keys) {
        this.#rows.delete(key);
        this.#fetching.delete(key);
      }
      return;
    }
    this.#rows.clear();
    this.#fetching.clear();
  }
}
