/**
 * Sends what people decided to the Integrations that tell of it. A decision is in the database before it is sent, so none is lost; killed between the
 * broker's confirm and the commit it is sent again, under the same id, and is the same document.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { rawMessage } from '../../runtime/pipeline/messages.ts';
import { inTransaction } from '../../runtime/store/transaction.ts';
import type { Office } from '../acts/contract.ts';

const IDLE_MS = 200;
const RETRY_MS = 1_000;
const TURN = 50;

interface Waiting {
  id: string;
  integration: string;
  label: string;
  at: number;
  body: Buffer;
}

export class Resolutions {
  readonly #office: Office;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #trouble: string | undefined;

  constructor(office: Office) {
    this.#office = office;
    this.#ended = this.#run();
  }

  /** Why decisions wait; undefined when none does. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { log, namespace } = this.#office;
    while (!signal.aborted) {
      let wait = IDLE_MS;
      try {
        if ((await this.#turn()) === TURN) wait = 0;
        this.#trouble = undefined;
      } catch (error) {
        const { message } = error as Error;
        if (this.#trouble === undefined) log.warn('decisions not sent, trying again', { namespace, error: message });
        this.#trouble = `decisions about exceptions wait: ${message}`;
        wait = RETRY_MS;
      }
      if (wait > 0) await delay(wait, undefined, { signal }).catch(() => {});
    }
  }

  async #turn(): Promise<number> {
    const { database, namespace, courier } = this.#office;
    const { rowCount } = await database.query(
      'select from resolutions where namespace = $1 and sent_at is null limit 1',
      [namespace],
    );
    if (rowCount === 0) return 0;
    return inTransaction(database, async (client) => {
      const { rows } = await client.query<Waiting>(
        `select id, integration, label, at::float8 as at, body from resolutions where namespace = $1 and sent_at is null
         order by at limit ${TURN} for update skip locked`,
        [namespace],
      );
      const { broker } = courier();
      await Promise.all(
        rows.map(({ id, integration, label, at: receivedAt, body }) =>
          broker.publish(
            rawMessage({
              ...{ id, label, receivedAt, body, epoch: 0, contentType: 'application/json' },
              channel: `integration/${integration}`,
            }),
          ),
        ),
      );
      // What was in it is kept by the archive from now on, as long as its document type says.
      await client.query('update resolutions set sent_at = $3, body = null where namespace = $1 and id = any($2)', [
        namespace,
        rows.map(({ id }) => id),
        Date.now(),
      ]);
      return rows.length;
    });
  }
}
