/**
 * amqplib's edge. amqplib writes each frame to the socket by itself, through two streams per channel; most of its cost per
 * message is there. `coalesce` puts a buffer in that place which gathers the frames of all channels during one turn of the event
 * loop and writes them at once. This file names every inside of amqplib (2.3.1, pinned) that this layer relies on.
 */
import type { Duplex } from 'node:stream';
import type { Channel, ChannelModel } from 'amqplib';

export interface PublishFields {
  exchange: string;
  routingKey: string;
  mandatory: boolean;
  immediate: false;
  ticket: undefined;
}
export interface PublishProperties {
  contentType: string;
  headers: Record<string, unknown>;
  deliveryMode: 1 | 2;
  correlationId: string | undefined;
  expiration: string | undefined;
  messageId: string | undefined;
  timestamp: number | undefined;
}
interface ConnectionInside {
  stream: Duplex;
  channels: ({ buffer: { write(chunk: Buffer): boolean; end(): void } } | null)[];
}
interface ChannelInside {
  ch: number;
  connection: ConnectionInside;
  sendMessage(fields: PublishFields, properties: PublishProperties, content: Buffer): boolean;
}

const insideOf = (channel: Channel): ChannelInside => channel as unknown as ChannelInside;

/** The socket of a connection: destroyed after a close, because amqplib only ends it and a dead peer never answers. */
export const socketOf = (model: ChannelModel): Duplex => (model.connection as unknown as ConnectionInside).stream;

/** Without amqplib's own bookkeeping of confirms and its copies of the options. Throws if the headers cannot be encoded. */
export const sendMessage = (
  channel: Channel,
  fields: PublishFields,
  properties: PublishProperties,
  body: Buffer,
): void => {
  insideOf(channel).sendMessage(fields, properties, body);
};

/** Gathers at most this much before it writes within the turn. */
const TURN_BYTES = 256 * 1024;
/** Chunks together smaller than this are copied into one; larger ones go out as one vectored write. */
const COPY_BYTES = 64 * 1024;

export class TurnWriter {
  readonly #socket: Duplex;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #scheduled = false;
  readonly #before = new Set<() => void>();

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  /** From now on the channel's frames go through this writer. */
  coalesce(channel: Channel): void {
    const inside = insideOf(channel);
    const record = inside.connection.channels[inside.ch]!;
    const original = record.buffer;
    record.buffer = {
      write: (chunk) => {
        this.write(chunk);
        return true;
      },
      end: () => original.end(),
    };
  }

  write(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes >= TURN_BYTES) this.#drain();
    else this.schedule();
  }

  /** Calls `hook` before the turn's frames are written, so that it can add its own. Once per call of this. */
  beforeFlush(hook: () => void): void {
    this.#before.add(hook);
    this.schedule();
  }

  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.flush);
  }

  readonly flush = (): void => {
    this.#scheduled = false;
    if (this.#before.size > 0) {
      const hooks = [...this.#before];
      this.#before.clear();
      for (const hook of hooks) hook();
    }
    this.#drain();
  };

  #drain(): void {
    if (this.#bytes === 0) return;
    const chunks = this.#chunks;
    const bytes = this.#bytes;
    this.#chunks = [];
    this.#bytes = 0;
    const socket = this.#socket;
    if (socket.destroyed || socket.writableEnded) return;
    if (chunks.length === 1) socket.write(chunks[0]!);
    else if (bytes <= COPY_BYTES) socket.write(Buffer.concat(chunks, bytes));
    else {
      socket.cork();
      for (const chunk of chunks) socket.write(chunk);
      socket.uncork();
    }
  }
}
