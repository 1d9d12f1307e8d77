/**
 * Documents that were parked because a row was missing go on when it is there. They lie in PARKED, as all parked documents do; PostgreSQL
 * only knows which rows are waited for, so that nobody looks through the queue in vain.
 */
import type { Consumer, Delivery } from '../broker/broker.ts';
import type { DocumentError } from '../errors.ts';
import { PENDING } from '../mapping/lookups.ts';
import { PARKED } from '../names.ts';
import { StoreUnavailableError } from '../store/store.ts';
import type { Database } from '../tables/database.ts';
import type { Environment } from './environment.ts';
import { actOn, type Letter, readLetter, replayOf } from './letters.ts';

/** A row may be there and not help, as when the other side does not have it: by the epoch, so long it waits at least. */
const AGAIN_MS = [0, 30_000, 300_000, 3_600_000];

/** Told before the document is parked, so that no row can come unseen in between. */
export async function noteWaiting(
  { tables, log }: Environment,
  error: DocumentError,
  document: { id: string; epoch: number },
  place: string,
): Promise<void> {
  const { waitsFor } = error;
  if (!waitsFor) return;
  try {
    const again = AGAIN_MS[Math.min(document.epoch, AGAIN_MS.length - 1)]!;
    await tables.wait(waitsFor, document.id, place, again);
  } catch (cause) {
    if (!(cause instanceof StoreUnavailableError) || tables.get(waitsFor.table)) throw cause;
    // A table that stands still does not need PostgreSQL; a person can replay the document.
    log.warn('a parked document will not go on by itself', {
      document: document.id,
      table: waitsFor.table,
      reason: cause.message,
    });
  }
}

/** Letters that are looked at in one pass. */
const MAX_LETTERS = 20_000;
/** After the last letter that came. */
const QUIET_MS = 300;
/** A row that is there while nothing in PARKED waits for it: somebody else replayed or discarded it. */
const MAX_LOOKS = 10;

export class Releaser {
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Releases what waits for rows that are there now. */
  async turn(database: Database): Promise<void> {
    const waited = await database.read<{ tbl: string; key: string; document: string; there: boolean }>(
      `select w.tbl, w.key, w.document, r.row is not null as there from live_waiting w
       left join live_rows r on r.tbl = w.tbl and r.key = w.key where w.not_before <= now() limit 10000`,
      [],
    );
    const ready = waited.filter(({ tbl, key, there }) =>
      this.#environment.tables.get(tbl) ? there : this.#stands(tbl, key),
    );
    if (ready.length === 0) return;
    const wanted = new Set(ready.map(({ tbl, key, document }) => idOf(tbl, key, document)));
    const released = await this.#pass(wanted);
    await database.change(async (client) => {
      await client.query(
        `update live_waiting w set looks = looks + 1 from unnest($1::text[], $2::text[], $3::text[]) as i (tbl, key, document)
         where w.tbl = i.tbl and w.key = i.key and w.document = i.document`,
        [ready.map(({ tbl }) => tbl), ready.map(({ key }) => key), ready.map(({ document }) => document)],
      );
      await client.query(
        `delete from live_waiting w using unnest($1::text[], $2::text[], $3::text[]) as i (tbl, key, document)
         where w.tbl = i.tbl and w.key = i.key and w.document = i.document and w.not_before <= now()`,
        [released.map(({ tbl }) => tbl), released.map(({ key }) => key), released.map(({ document }) => document)],
      );
      await client.query('delete from live_waiting where looks >= $1', [MAX_LOOKS]);
    });
  }

  /** Of tables in the plan, by whoever asks them. */
  #stands(table: string, key: string): boolean {
    for (const found of this.#environment.standing(table)) {
      const row = found.get(found.key.length === 1 ? [key] : (JSON.parse(key) as string[]));
      if (row !== undefined && row !== PENDING) return true;
    }
    return false;
  }

  /** Takes all letters of PARKED in hand, sends on those that are meant, and puts the others back. */
  async #pass(wanted: ReadonlySet<string>): Promise<{ tbl: string; key: string; document: string }[]> {
    const { broker, log } = this.#environment;
    const released: { tbl: string; key: string; document: string }[] = [];
    const others: Delivery[] = [];
    const work: Promise<void>[] = [];
    const sent = new Map<string, Promise<void>>();
    let last = Date.now();
    const quiet = Promise.withResolvers<void>();
    const timer = setInterval(() => Date.now() - last > QUIET_MS && quiet.resolve(), 50);
    const consumer: Consumer = await broker.consume({
      queue: PARKED,
      prefetch: MAX_LETTERS,
      onDelivery: (delivery) => {
        last = Date.now();
        const letter = readLetter(delivery);
        const { waitsFor } = letter;
        if (!waitsFor || !wanted.has(idOf(waitsFor.table, waitsFor.key, letter.document))) {
          others.push(delivery);
          return;
        }
        const { table: tbl, key } = waitsFor;
        // A copy, made when a stage was killed between letter and ack: what is done for the first is done for it.
        const going = sent.get(letter.id) ?? this.#send(delivery, letter, tbl, key);
        sent.set(letter.id, going);
        const one = going.then(
          () => {
            delivery.ack();
            released.push({ tbl, key, document: letter.document });
          },
          (error: Error) => {
            log.warn('a parked document could not go on yet', { table: tbl, error: error.message });
            delivery.requeue();
          },
        );
        work.push(one);
      },
    });
    await quiet.promise;
    clearInterval(timer);
    await Promise.all(work);
    const stopped = consumer.stop();
    for (const delivery of others) delivery.requeue();
    await stopped;
    return released;
  }

  /** Journalled and sent before the letter goes: killed in between, it happens again under the same ids. */
  async #send(delivery: Delivery, letter: Letter, table: string, key: string): Promise<void> {
    const { broker, journal, log, now } = this.#environment;
    const reason = `ReferenceTable ${table} has the row ${key} now`;
    await Promise.all(
      actOn(letter, { outcome: 'Replayed', by: 'crossdock', reason, at: now() }).map((entry) => journal.write(entry)),
    );
    await broker.publish(replayOf(delivery, letter));
    this.#environment.pass('parked.released');
    log.info('a parked document goes on', { document: letter.document, to: letter.returnTo, reason });
  }
}

const idOf = (...parts: [table: string, key: string, document: string]): string => JSON.stringify(parts);
