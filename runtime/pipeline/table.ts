/** Messages of a live table's queue: documents into rows, in batches; marks, which tell how far the rows are. */
import type { Broker, Delivery } from '../broker/broker.ts';
import { DocumentError } from '../errors.ts';
import { rowsQueue, tablePlace, WORK } from '../names.ts';
import type { Arriving } from '../tables/standing.ts';
import { arrivingOf } from '../tables/tables.ts';
import { type Environment, entryOf } from './environment.ts';
import { deadLetter, readDocument } from './messages.ts';

const MARK = 'crossdock-mark';
const SEED = 'crossdock-seed';
const MAX_BATCH = 200;

/** Every document that is in the queue before this message was accepted before `at` (epoch ms). */
export const markMessage = (table: string, at: number) => ({
  exchange: WORK,
  routingKey: rowsQueue(table),
  contentType: 'text/plain',
  headers: { [MARK]: at },
  body: Buffer.alloc(0),
});
/** Asks for the table's seed to be read again. */
export const seedMessage = (table: string) => ({
  exchange: WORK,
  routingKey: rowsQueue(table),
  contentType: 'text/plain',
  headers: { [SEED]: true },
  body: Buffer.alloc(0),
});
export const askForSeed = (broker: Broker, table: string): Promise<void> => broker.publish(seedMessage(table));

interface Waiting {
  delivery: Delivery;
  resolve(): void;
  reject(error: Error): void;
}

/** One per runtime. A batch is what came while the one before was being written. */
export class TableWorker {
  readonly #environment: Environment;
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #busy = new Set<string>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Resolves when the delivery is settled; rejects with what makes it wait (StoreUnavailableError). */
  take(table: string, delivery: Delivery): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(table) ?? [];
    waiting.push({ delivery, resolve, reject });
    this.#waiting.set(table, waiting);
    if (!this.#busy.has(table)) void this.#work(table, waiting);
    return promise;
  }

  async #work(table: string, waiting: Waiting[]): Promise<void> {
    this.#busy.add(table);
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MAX_BATCH);
      try {
        await this.#take(table, batch);
      } catch (error) {
        for (const { reject } of batch) reject(error as Error);
      }
    }
    this.#busy.delete(table);
  }

  async #take(table: string, batch: Waiting[]): Promise<void> {
    const { tables } = this.#environment;
    const documents = batch.filter(
      ({ delivery: { headers } }) => headers[MARK] === undefined && headers[SEED] !== true,
    );
    const arriving = new Map<Waiting, Arriving>();
    for (const one of documents) {
      const made = this.#read(table, one.delivery);
      if (made instanceof DocumentError) await this.#bury(table, one, made);
      else if (made) arriving.set(one, made);
    }
    try {
      await tables.apply(table, [...arriving.values()]);
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      // One of them cannot be taken: each by itself, so that the others are.
      for (const [one, document] of arriving)
        await tables.apply(table, [document]).catch((its) => {
          if (!(its instanceof DocumentError)) throw its;
          arriving.delete(one);
          return this.#bury(table, one, its);
        });
    }
    for (const { delivery } of arriving.keys()) await this.#conclude(table, delivery);
    const marks = batch.flatMap(({ delivery }) => Number(delivery.headers[MARK] ?? 0) || []);
    if (marks.length > 0) await tables.mark(table, Math.max(...marks));
    if (batch.some(({ delivery }) => delivery.headers[SEED] === true)) await tables.wantSeed(table);
    for (const { delivery, resolve } of batch) {
      delivery.ack();
      resolve();
    }
  }

  /** Nothing for a document that somebody else takes into the rows, once it was checked. */
  #read(table: string, delivery: Delivery): Arriving | DocumentError | undefined {
    const { document } = readDocument(delivery);
    const provisional =
      document.provisional && this.#environment.tables.reserving(document.type).some(({ name }) => name === table);
    if (provisional) return undefined;
    try {
      return arrivingOf(document, JSON.parse(document.body.toString()));
    } catch (cause) {
      return new DocumentError({ class: 'DecodeFailed', code: 'table.body', message: 'Its body is not JSON', cause });
    }
  }

  /** A replay has an account, which ends here. What came with everybody else's has none. */
  async #conclude(table: string, delivery: Delivery): Promise<void> {
    if (delivery.headers['crossdock-replayed'] !== true) return;
    const { journal, now } = this.#environment;
    const { document } = readDocument(delivery);
    await journal.write(entryOf(document, tablePlace(table), 'Delivered', now()));
  }

  async #bury(table: string, { delivery }: Waiting, error: DocumentError): Promise<void> {
    const { broker, journal, log, metrics, now } = this.#environment;
    const { document } = readDocument(delivery);
    const { class: errorClass, code, message, violations } = error;
    const returnTo = rowsQueue(table);
    await broker.publish(deadLetter(delivery, { stage: 'table', returnTo, error, at: now() }));
    await journal.write(
      entryOf(document, tablePlace(table), 'DeadLettered', now(), {
        error: { class: errorClass, code, message, violations: violations.slice(0, 10) },
      }),
    );
    metrics.documents.inc({ integration: '', stage: 'table', outcome: 'DeadLettered' });
    this.#environment.trouble(`ReferenceTable/${table}`, { class: errorClass, code, message });
    log.warn('document not taken into a table', {
      table,
      document: document.id,
      class: errorClass,
      code,
      reason: message,
    });
  }
}
