/** Messages on the wire: basic.publish with its content, and what a delivery or a return brings. */
import { BODY, FRAME_END, FRAME_HEAD, FRAME_OVERHEAD, HEADER, METHOD } from './frames.ts';
import { BASIC, BASIC_PUBLISH } from './methods.ts';
import { MAX_COPY_BYTES, type Output } from './output.ts';
import {
  type Fields,
  readScalars,
  readUInt64,
  type Scalar,
  shortBound,
  tableBound,
  writeShort,
  writeTable,
  writeUInt32,
  writeUInt64,
} from './values.ts';

export interface Publish {
  exchange: string;
  routingKey: string;
  mandatory: boolean;
  contentType: string;
  headers: Fields | undefined;
  persistent: boolean;
  correlationId: string | undefined;
  /** ms. */
  expiration: string | undefined;
  messageId: string | undefined;
  /** Epoch s. */
  timestamp: number | undefined;
}

const CONTENT_TYPE = 0x8000;
const CONTENT_ENCODING = 0x4000;
const HEADERS = 0x2000;
const DELIVERY_MODE = 0x1000;
const PRIORITY = 0x0800;
const CORRELATION_ID = 0x0400;
const REPLY_TO = 0x0200;
const EXPIRATION = 0x0100;
const MESSAGE_ID = 0x0080;
const TIMESTAMP = 0x0040;

/** Type, channel and size of a frame whose payload goes from `start + FRAME_HEAD` to `end`, and its end; gives the offset behind. */
function closeFrame(bytes: Buffer, start: number, type: number, channel: number, end: number): number {
  bytes[start] = type;
  bytes[start + 1] = channel >>> 8;
  bytes[start + 2] = channel;
  writeUInt32(bytes, start + 3, end - start - FRAME_HEAD);
  bytes[end] = FRAME_END;
  return end + 1;
}

/** Throws, and sends nothing, for what AMQP cannot say: names or ids of more than 255 bytes, headers larger than a frame. */
export function writePublish(output: Output, channel: number, frameMax: number, publish: Publish, body: Buffer): void {
  const perFrame = frameMax - FRAME_OVERHEAD;
  const copied = body.length <= MAX_COPY_BYTES;
  const { exchange, routingKey, contentType, headers, correlationId, expiration, messageId } = publish;
  const bound =
    2 * FRAME_OVERHEAD +
    40 +
    shortBound(exchange) +
    shortBound(routingKey) +
    shortBound(contentType) +
    (headers === undefined ? 0 : tableBound(headers)) +
    (correlationId === undefined ? 0 : shortBound(correlationId)) +
    (expiration === undefined ? 0 : shortBound(expiration)) +
    (messageId === undefined ? 0 : shortBound(messageId));
  const bytes = output.reserve(
    copied ? bound + body.length + Math.ceil(body.length / perFrame) * FRAME_OVERHEAD : bound,
  );
  let at = writeMethod(bytes, output.at, channel, publish);
  at = writeHeader(bytes, at, channel, publish, body.length, perFrame);
  if (!copied) {
    output.commit(at);
    appendBody(output, channel, body, perFrame);
    return;
  }
  for (let from = 0; from < body.length; from += perFrame) {
    const to = Math.min(body.length, from + perFrame);
    bytes.set(from === 0 && to === body.length ? body : body.subarray(from, to), at + FRAME_HEAD);
    at = closeFrame(bytes, at, BODY, channel, at + FRAME_HEAD + to - from);
  }
  output.commit(at);
}

function writeMethod(bytes: Buffer, start: number, channel: number, publish: Publish): number {
  let at = writeUInt32(bytes, start + FRAME_HEAD, BASIC_PUBLISH);
  bytes[at] = 0;
  bytes[at + 1] = 0;
  at = writeShort(bytes, at + 2, publish.exchange);
  at = writeShort(bytes, at, publish.routingKey);
  bytes[at] = publish.mandatory ? 1 : 0;
  return closeFrame(bytes, start, METHOD, channel, at + 1);
}

function writeHeader(
  bytes: Buffer,
  start: number,
  channel: number,
  { contentType, headers, persistent, correlationId, expiration, messageId, timestamp }: Publish,
  size: number,
  perFrame: number,
): number {
  let at = start + FRAME_HEAD;
  bytes[at] = 0;
  bytes[at + 1] = BASIC;
  bytes[at + 2] = 0;
  bytes[at + 3] = 0;
  const flagsAt = writeUInt64(bytes, at + 4, size);
  let flags = CONTENT_TYPE | DELIVERY_MODE;
  at = writeShort(bytes, flagsAt + 2, contentType);
  if (headers !== undefined) {
    flags |= HEADERS;
    at = writeTable(bytes, at, headers);
  }
  bytes[at++] = persistent ? 2 : 1;
  if (correlationId !== undefined) {
    flags |= CORRELATION_ID;
    at = writeShort(bytes, at, correlationId);
  }
  if (expiration !== undefined) {
    flags |= EXPIRATION;
    at = writeShort(bytes, at, expiration);
  }
  if (messageId !== undefined) {
    flags |= MESSAGE_ID;
    at = writeShort(bytes, at, messageId);
  }
  if (timestamp !== undefined) {
    flags |= TIMESTAMP;
    at = writeUInt64(bytes, at, timestamp);
  }
  bytes[flagsAt] = flags >>> 8;
  bytes[flagsAt + 1] = flags;
  const length = at - start - FRAME_HEAD;
  if (length > perFrame) throw new RangeError(`the headers have ${length} bytes, at most ${perFrame} are possible`);
  return closeFrame(bytes, start, HEADER, channel, at);
}

/** A large body, not copied. */
function appendBody(output: Output, channel: number, body: Buffer, perFrame: number): void {
  for (let from = 0; from < body.length; from += perFrame) {
    const part = body.subarray(from, from + perFrame);
    const bytes = output.reserve(FRAME_HEAD);
    const start = output.at;
    bytes[start] = BODY;
    bytes[start + 1] = channel >>> 8;
    bytes[start + 2] = channel;
    output.commit(writeUInt32(bytes, start + 3, part.length));
    output.append(part);
    output.reserve(1)[output.at] = FRAME_END;
    output.commit(output.at + 1);
  }
}

/** A message as it came. Reads of its properties what is asked for. */
export class Content {
  body: Buffer = EMPTY;
  /** The payload of the header frame. */
  readonly #header: Buffer;
  #read = false;
  #contentType = '';
  #correlationId: string | undefined;
  #messageId: string | undefined;
  #headersAt = 0;
  #headers: Readonly<Record<string, Scalar>> | undefined;

  constructor(header: Buffer) {
    this.#header = header;
  }

  /** Of the body. */
  get size(): number {
    return readUInt64(this.#header, 4);
  }
  get contentType(): string {
    this.#parse();
    return this.#contentType;
  }
  get correlationId(): string | undefined {
    this.#parse();
    return this.#correlationId;
  }
  get messageId(): string | undefined {
    this.#parse();
    return this.#messageId;
  }
  /** Strings, numbers and booleans. */
  get headers(): Readonly<Record<string, Scalar>> {
    if (this.#headers === undefined) {
      this.#parse();
      this.#headers = this.#headersAt === 0 ? NO_HEADERS : readScalars(this.#header, this.#headersAt);
    }
    return this.#headers;
  }

  #parse(): void {
    if (this.#read) return;
    this.#read = true;
    const bytes = this.#header;
    const flags = bytes.readUInt16BE(12);
    let at = 14;
    const short = (): string => {
      const start = at + 1;
      at = start + bytes[at]!;
      return bytes.toString('utf8', start, at);
    };
    const skipShort = () => {
      at += 1 + bytes[at]!;
    };
    if (flags & CONTENT_TYPE) this.#contentType = short();
    if (flags & CONTENT_ENCODING) skipShort();
    if (flags & HEADERS) {
      this.#headersAt = at;
      at += 4 + bytes.readUInt32BE(at);
    }
    if (flags & DELIVERY_MODE) at++;
    if (flags & PRIORITY) at++;
    if (flags & CORRELATION_ID) this.#correlationId = short();
    if (flags & REPLY_TO) skipShort();
    if (flags & EXPIRATION) skipShort();
    if (flags & MESSAGE_ID) this.#messageId = short();
  }
}

const EMPTY = Buffer.alloc(0);
const NO_HEADERS: Readonly<Record<string, Scalar>> = {};
