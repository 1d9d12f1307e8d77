/**
 * Letters (dead, parked, lost) as they lie on the broker. They are taken one by one without an ack; what is not acked goes back to the
 * queue when the connection ends, in whatever way it ends. Meanwhile others do not see them.
 */
import { type Channel, type ChannelModel, connect, type GetMessage } from 'amqplib';
import type { HeaderValue } from '../../runtime/broker/broker.ts';
import { DEAD_LETTERS, LOST, PARKED } from '../../runtime/names.ts';
import { type Letter, type Moved, readLetter } from '../../runtime/pipeline/letters.ts';
import type { Received } from '../../runtime/pipeline/messages.ts';

export const QUEUES = { dead: DEAD_LETTERS, parked: PARKED, lost: LOST } as const;
export type QueueName = (typeof QUEUES)[keyof typeof QUEUES];

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

  static async open({ uri, ca }: { uri: string; ca?: string }, queue: QueueName): Promise<LetterBox> {
    const { host, pathname } = new URL(uri);
    let connection: ChannelModel;
    try {
      connection = await connect(uri, {
        timeout: 10_000,
        ...(ca !== undefined && { ca: [ca] }),
        clientProperties: { connection_name: 'crossdock letters' },
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
