/** Those methods of AMQP 0.9.1 that this layer speaks: class and method in one number, and how their arguments are written. */
import { FRAME_END, FRAME_HEAD, FRAME_OVERHEAD, METHOD } from './frames.ts';
import { type Fields, tableBound, writeShort, writeTable, writeUInt32, writeUInt64 } from './values.ts';

export const BASIC = 60;

export const CONNECTION_START = 0x000a_000a;
export const CONNECTION_START_OK = 0x000a_000b;
export const CONNECTION_TUNE = 0x000a_001e;
export const CONNECTION_TUNE_OK = 0x000a_001f;
export const CONNECTION_OPEN = 0x000a_0028;
export const CONNECTION_OPEN_OK = 0x000a_0029;
export const CONNECTION_CLOSE = 0x000a_0032;
export const CONNECTION_CLOSE_OK = 0x000a_0033;
export const CONNECTION_BLOCKED = 0x000a_003c;
export const CONNECTION_UNBLOCKED = 0x000a_003d;
export const CHANNEL_OPEN = 0x0014_000a;
export const CHANNEL_OPEN_OK = 0x0014_000b;
export const CHANNEL_FLOW = 0x0014_0014;
export const CHANNEL_FLOW_OK = 0x0014_0015;
export const CHANNEL_CLOSE = 0x0014_0028;
export const CHANNEL_CLOSE_OK = 0x0014_0029;
export const BASIC_QOS = 0x003c_000a;
export const BASIC_QOS_OK = 0x003c_000b;
export const BASIC_CONSUME = 0x003c_0014;
export const BASIC_CONSUME_OK = 0x003c_0015;
export const BASIC_CANCEL = 0x003c_001e;
export const BASIC_CANCEL_OK = 0x003c_001f;
export const BASIC_PUBLISH = 0x003c_0028;
export const BASIC_RETURN = 0x003c_0032;
export const BASIC_DELIVER = 0x003c_003c;
export const BASIC_ACK = 0x003c_0050;
export const BASIC_REJECT = 0x003c_005a;
export const BASIC_NACK = 0x003c_0078;
export const CONFIRM_SELECT = 0x0055_000a;
export const CONFIRM_SELECT_OK = 0x0055_000b;

/** Arguments in order: a number with its width, a text as a short string, a long string, a table. */
export type Argument =
  | { octet: number }
  | { short: number }
  | { long: number }
  | { longlong: number }
  | { longText: string }
  | { table: Fields }
  | string;

/** A method as a frame. Not for what is hot. */
export function methodFrame(channel: number, method: number, args: readonly Argument[] = []): Buffer {
  const bytes = Buffer.alloc(FRAME_OVERHEAD + 4 + args.reduce((sum, argument) => sum + boundOf(argument), 0));
  let at = writeUInt32(bytes, FRAME_HEAD, method);
  for (const argument of args) at = writeArgument(bytes, at, argument);
  bytes[0] = METHOD;
  bytes.writeUInt16BE(channel, 1);
  writeUInt32(bytes, 3, at - FRAME_HEAD);
  bytes[at] = FRAME_END;
  return bytes.subarray(0, at + 1);
}

function boundOf(argument: Argument): number {
  if (typeof argument === 'string') return 1 + Buffer.byteLength(argument);
  if ('longText' in argument) return 4 + Buffer.byteLength(argument.longText);
  return 'table' in argument ? tableBound(argument.table) : 8;
}

function writeArgument(bytes: Buffer, at: number, argument: Argument): number {
  if (typeof argument === 'string') return writeShort(bytes, at, argument);
  if ('octet' in argument) return bytes.writeUInt8(argument.octet, at);
  if ('short' in argument) return bytes.writeUInt16BE(argument.short, at);
  if ('long' in argument) return writeUInt32(bytes, at, argument.long);
  if ('longlong' in argument) return writeUInt64(bytes, at, argument.longlong);
  if ('table' in argument) return writeTable(bytes, at, argument.table);
  const end = at + 4 + bytes.write(argument.longText, at + 4);
  writeUInt32(bytes, at, end - at - 4);
  return end;
}

/** Bytes of basic.ack and basic.reject as frames. */
const SETTLE_BYTES = FRAME_OVERHEAD + 4 + 9;

/** basic.ack (flag: multiple) or basic.reject (flag: requeue). `reserve` gives the buffer and `at` where to write. */
export function writeSettle(
  output: { reserve(size: number): Buffer; readonly at: number; commit(end: number): void },
  channel: number,
  method: typeof BASIC_ACK | typeof BASIC_REJECT,
  tag: number,
  flag: boolean,
): void {
  const bytes = output.reserve(SETTLE_BYTES);
  let { at } = output;
  bytes[at] = METHOD;
  bytes[at + 1] = channel >>> 8;
  bytes[at + 2] = channel;
  at = writeUInt32(bytes, at + 3, SETTLE_BYTES - FRAME_OVERHEAD);
  at = writeUInt32(bytes, at, method);
  at = writeUInt64(bytes, at, tag);
  bytes[at] = flag ? 1 : 0;
  bytes[at + 1] = FRAME_END;
  output.commit(at + 2);
}

/** Reads a method's arguments one after another. Throws beyond the frame's end. */
export class Arguments {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }
  #take(length: number): number {
    const at = this.#at;
    this.#at += length;
    if (this.#at > this.#end) throw new RangeError('The peer sent a method that ends too early');
    return at;
  }
  octet(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }
  short(): number {
    return this.#bytes.readUInt16BE(this.#take(2));
  }
  long(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }
  longlong(): number {
    return this.long() * 0x1_0000_0000 + this.long();
  }
  text(): string {
    const length = this.octet();
    const at = this.#take(length);
    return this.#bytes.toString('utf8', at, at + length);
  }
  longText(): string {
    const length = this.long();
    const at = this.#take(length);
    return this.#bytes.toString('utf8', at, at + length);
  }
  skipTable(): void {
    this.#take(this.long());
  }
}
