/** What is done once for the live tables of a namespace, by the runtime that leads: expiry, seeds, marks, rows made anew, releases. */
import { readList } from '../connectors/http/list.ts';
import { DocumentError } from '../errors.ts';
import { expireReservations } from '../tables/changes.ts';
import type { Database } from '../tables/database.ts';
import type { LiveTable } from '../tables/live.ts';
import { foldHash, rebuildTable, seedTable } from '../tables/seed.ts';
import type { Environment } from './environment.ts';
import { Releaser } from './release.ts';
import { markMessage } from './table.ts';

/** A mark that nobody saw for so long is lost, or the queue is long; another does no harm. */
const MARK_LOST_MS = 30_000;
/** Acceptance takes less from the time that a document carries to its place in the queue. */
const MARK_SLACK_MS = 2_000;
const SEED_PAUSE_MS = 5_000;
const SEED_MAX_PAUSE_MS = 300_000;

interface TableState {
  name: string;
  fold: string | null;
  seeded: number | null;
  wanted: number | null;
}

export class TableKeeper {
  readonly #environment: Environment;
  readonly #releaser: Releaser;
  readonly #stopped = new AbortController();
  /** Epoch ms of the marks that were sent last. */
  readonly #marks = new Map<string, number>();
  readonly #seeding = new Map<string, Promise<void>>();
  /** When a seed that failed is tried again. */
  readonly #pauses = new Map<string, { ms: number; until: number }>();

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#releaser = new Releaser(environment);
  }

  /** About once a second. Throws where PostgreSQL is away. */
  async turn(database: Database, tables: readonly LiveTable[]): Promise<void> {
    const rows = await database.read<TableState>(
      `select name, fold, extract(epoch from seeded_at)::float8 * 1000 as seeded,
         extract(epoch from seed_wanted_at)::float8 * 1000 as wanted from live_tables`,
      [],
    );
    const states = new Map(rows.map((row) => [row.name, row]));
    for (const table of tables) {
      const state = states.get(table.name);
      await this.#attempt(table, async () => {
        await this.#rebuild(database, table, state?.fold ?? undefined);
        await this.#changed(table, await expireReservations(database, table.folding));
      });
      this.#seed(database, table, state);
      await this.#mark(table);
    }
    await this.#releaser.turn(database);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#seeding.values());
  }

  #changed(table: LiveTable, keys: string[]): Promise<void> {
    return this.#environment.tables.changed(table.name, keys);
  }

  /** A table whose expressions throw stands in nobody's way. */
  async #attempt(table: LiveTable, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      this.#environment.trouble(`ReferenceTable/${table.name}`, error);
    }
  }

  async #rebuild(database: Database, table: LiveTable, fold: string | undefined): Promise<void> {
    if (fold === foldHash(table.folding)) return;
    const trouble = await rebuildTable(database, table.folding, (keys) => this.#changed(table, keys));
    if (trouble) this.#environment.trouble(`ReferenceTable/${table.name}`, trouble);
    if (fold !== undefined) this.#environment.log.info('rows made anew', { table: table.name });
  }

  /** Beside the turns: a list may be long. */
  #seed(database: Database, table: LiveTable, state: TableState | undefined): void {
    const { name } = table;
    const compiled = this.#environment.inForce().tables.get(name);
    const connector = compiled?.seed;
    const done = state?.seeded ?? undefined;
    if (!connector || this.#seeding.has(name) || this.#stopped.signal.aborted) return;
    if (done !== undefined && (state?.wanted ?? 0) <= done) return;
    // Somebody who asks for it does not wait out the pause after a failure.
    const pause = this.#pauses.get(name);
    if (pause && pause.until > Date.now() && (state?.wanted ?? 0) <= pause.until - pause.ms) return;
    const { secrets, log } = this.#environment;
    const startedAt = Date.now();
    const batches = readList(connector, secrets, table.folding.plan.live!.seed!, this.#stopped.signal);
    const seeding = seedTable(database, table.folding, batches, startedAt, (keys) => this.#changed(table, keys))
      .then((rows) => {
        this.#pauses.delete(name);
        log.info('table seeded', { table: name, rows, ms: Date.now() - startedAt });
      })
      .catch(async (error: Error) => {
        const ms = Math.min((this.#pauses.get(name)?.ms ?? SEED_PAUSE_MS / 2) * 2, SEED_MAX_PAUSE_MS);
        this.#pauses.set(name, { ms, until: Date.now() + ms });
        log.warn('table not seeded', { table: name, reason: error.message, againMs: ms });
        await database.read(
          `insert into live_tables (name, seed_trouble) values ($1, $2)
           on conflict (name) do update set seed_trouble = excluded.seed_trouble`,
          [name, `its seed cannot be read: ${error.message}`.slice(0, 1_000)],
        );
      })
      .catch((error: Error) => void log.warn('PostgreSQL is away', { error: error.message }))
      .finally(() => this.#seeding.delete(name));
    this.#seeding.set(name, seeding);
  }

  /** One mark is on its way at a time: it comes back when all that was before it in the queue is in the rows. */
  async #mark(table: LiveTable): Promise<void> {
    if (table.folding.plan.live!.staleAfterMs === undefined) return;
    const sent = this.#marks.get(table.name) ?? 0;
    const now = Date.now();
    if ((table.knowledge.currentAt ?? 0) < sent - MARK_SLACK_MS && now - sent < MARK_LOST_MS) return;
    this.#marks.set(table.name, now);
    await this.#environment.broker.publish(markMessage(table.name, now - MARK_SLACK_MS)).catch(() => {});
  }
}
