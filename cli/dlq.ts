/**
 * Letters (dead, parked, lost) on the broker alone. They are taken one by one without an ack; what is not acked goes back to the
 * queue when the connection ends, in whatever way it ends. Meanwhile others do not see them.
 */
import { type Channel, type ChannelModel, connect, type GetMessage } from 'amqplib';
import { connectBroker } from '../runtime/broker/amqp.ts';
import type { Broker, HeaderValue } from '../runtime/broker/broker.ts';
import type { Journal } from '../runtime/journal/entry.ts';
import { openJournal } from '../runtime/journal/writer.ts';
import { DEAD_LETTERS, LOST, PARKED } from '../runtime/names.ts';
import { actOn, type Letter, type Moved, readLetter, replayOf } from '../runtime/pipeline/letters.ts';
import type { Received } from '../runtime/pipeline/messages.ts';

export const QUEUES = { dead: DEAD_LETTERS, parked: PARKED, lost: LOST } as const;
export type QueueName = (typeof QUEUES)[keyof typeof QUEUES];

export interface Selection {
  /** Ids of letters or of documents; their beginnings will do. */
  ids?: readonly string[];
  class?: string;
  code?: string;
  integration?: string;
  all?: boolean;
}

export const selects = (
  { ids = [], class: errorClass, code, integration, all }: Selection,
  letter: Letter,
): boolean => {
  if (ids.length > 0 && !ids.some((id) => letter.id.startsWith(id) || letter.document.startsWith(id))) return false;
  if (errorClass !== undefined && letter.class !== errorClass) return false;
  if (code !== undefined && letter.code !== code) return false;
  if (integration !== undefined && letter.integration !== integration) return false;
  return all === true || ids.length > 0 || errorClass !== undefined || code !== undefined || integration !== undefined;
};

export interface Taken {
  letter: Letter;
  message: Received;
  bytes: number;
  /** Removes it from the queue. */
  ack(): void;
}

export class LetterBox {
  readonly #connection: ChannelModel;
  readonly #channel: Channel;
  readonly #queue: QueueName;
  /** In the queue when it was opened. */
  readonly count: number;

  private constructor(connection: ChannelModel, channel: Channel, queue: QueueName, count: number) {
    this.#connection = connection;
    this.#channel = channel;
    this.#queue = queue;
    this.count = count;
  }

  static async open(uri: string, queue: QueueName): Promise<LetterBox> {
    const { host, pathname } = new URL(uri);
    let connection: ChannelModel;
    try {
      connection = await connect(uri, {
        timeout: 10_000,
        clientProperties: { connection_name: 'crossdock dlq' },
      } as Parameters<typeof connect>[1]);
    } catch (error) {
      throw new Error(`RabbitMQ at ${host}: ${(error as Error).message}`, { cause: error });
    }
    // A connection that breaks fails what waits on it.
    connection.on('error', () => {});
    try {
      const channel = await connection.createChannel();
      channel.on('error', () => {});
      const { messageCount } = await channel.checkQueue(queue);
      return new LetterBox(connection, channel, queue, messageCount);
    } catch (error) {
      await connection.close().catch(() => {});
      const vhost = decodeURIComponent(pathname.slice(1)) || '/';
      throw new Error(
        `No queue ${queue} in vhost ${vhost} at ${host}: is --broker the URI of a Crossdock namespace? (${(error as Error).message})`,
        { cause: error },
      );
    }
  }

  /** What was there when it was opened; what comes later, as from a replay that fails again, is left. */
  async *letters(): AsyncGenerator<Taken> {
    for (let taken = 0; taken < this.count; taken++) {
      const got = await this.#channel.get(this.#queue, { noAck: false });
      if (got === false) return;
      yield this.#taken(got);
    }
  }

  #taken(got: GetMessage): Taken {
    const { properties, fields, content } = got;
    const headers: Record<string, HeaderValue> = {};
    for (const [name, value] of Object.entries(properties.headers ?? {}))
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') headers[name] = value;
    const message: Received = {
      headers,
      body: content,
      contentType: properties.contentType ?? '',
      messageId: properties.messageId,
    };
    const deaths = (properties.headers?.['x-death'] ?? []) as Moved[];
    // What came home and found no queue keeps the logical name as its routing key.
    const moved = this.#queue === LOST ? { queue: fields.routingKey, reason: 'no such queue' } : deaths[0];
    return { letter: readLetter(message, moved), message, bytes: content.length, ack: () => this.#channel.ack(got) };
  }

  /** What was not acked goes back. Acks are told before. */
  async close(): Promise<void> {
    await this.#channel.close().catch(() => {});
    await this.#connection.close().catch(() => {});
  }
}

export interface Act {
  outcome: 'Replayed' | 'Discarded';
  by: string;
  reason: string;
}
export interface ActReport {
  done: Letter[];
  failed: { letter: Letter; message: string }[];
  left: number;
}

/** In the air at once; each needs a confirm of the broker and one of the journal. */
const WINDOW = 64;
const CONNECT_DEADLINE_MS = 15_000;
const quiet = { info() {}, warn() {}, error() {} };

/**
 * Replays or discards the selected letters. A letter is removed only when what becomes of it is confirmed and journalled: killed in
 * between, it is still there, and acting on it again does the same thing under the same ids.
 */
export async function act(
  uri: string,
  queue: QueueName,
  namespace: string,
  selection: Selection,
  what: Act,
): Promise<ActReport> {
  const box = await LetterBox.open(uri, queue);
  const signal = AbortSignal.timeout(CONNECT_DEADLINE_MS);
  const broker = await connectBroker({ uri, name: 'crossdock dlq', log: quiet, signal });
  const journal = openJournal(broker, { namespace, log: quiet });
  const report: ActReport = { done: [], failed: [], left: 0 };
  const acted = new Map<string, Promise<boolean>>();
  const flying = new Set<Promise<unknown>>();
  try {
    for await (const taken of box.letters()) {
      const { letter } = taken;
      if (!selects(selection, letter)) {
        report.left += 1;
        continue;
      }
      // A copy, made when a stage was killed between letter and ack: what was done for the first was done for it.
      const first = acted.get(letter.id);
      const one = first ?? actOnOne(broker, journal, taken, what, report);
      acted.set(letter.id, one);
      const flight = one
        .then((done) => done && taken.ack())
        .catch((error: Error) =>
          report.failed.push({
            letter,
            message: `${what.outcome.toLowerCase()}, but still in ${queue}: ${error.message}`,
          }),
        )
        .finally(() => flying.delete(flight));
      flying.add(flight);
      while (flying.size >= WINDOW) await Promise.race(flying);
    }
    await Promise.all(flying);
  } finally {
    await journal.close();
    await broker.close();
    await box.close();
  }
  return report;
}

/** True when it is done and the letter may go. */
async function actOnOne(
  broker: Broker,
  journal: Journal,
  { letter, message }: Taken,
  what: Act,
  report: ActReport,
): Promise<boolean> {
  try {
    if (what.outcome === 'Replayed') {
      if (letter.stage === 'unknown') throw new Error('The message does not say where it came from: discard it');
      await broker.publish(replayOf(message, letter));
    }
    const at = Date.now();
    await Promise.all(actOn(letter, { ...what, at }).map((entry) => journal.write(entry)));
    report.done.push(letter);
    return true;
  } catch (error) {
    const gone = (error as Error).name === 'UnroutableError';
    const said = gone
      ? `no queue takes ${letter.returnTo}: bring its Integration back, or discard the letter`
      : (error as Error).message;
    report.failed.push({ letter, message: said });
    return false;
  }
}
