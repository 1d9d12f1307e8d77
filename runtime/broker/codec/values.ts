/** AMQP's short strings and field tables, as RabbitMQ has them. */

/** What a table is written from. A bigint is a signed 64-bit integer. */
export type FieldValue = string | number | boolean | bigint | readonly string[] | Fields;
export interface Fields {
  [name: string]: FieldValue | undefined;
}
export type Scalar = string | number | boolean;

const MAX_SHORT = 255;
/** A UTF-16 unit takes at most so many bytes as UTF-8. */
const MAX_UNIT_BYTES = 3;
/** Shorter ones are written faster here than by a native call. */
const SHORT_TEXT = 40;

export const shortBound = (text: string): number => 1 + MAX_UNIT_BYTES * text.length;

const isList = (value: FieldValue | undefined): value is readonly string[] => Array.isArray(value);

/** Bytes that the table takes at most. */
export function tableBound(fields: Fields): number {
  let bound = 4;
  for (const name in fields) {
    const value = fields[name];
    bound += shortBound(name) + 9;
    if (typeof value === 'string') bound += MAX_UNIT_BYTES * value.length;
    else if (isList(value)) bound += value.reduce((sum, text) => sum + 5 + MAX_UNIT_BYTES * text.length, 0);
    else if (typeof value === 'object') bound += tableBound(value);
  }
  return bound;
}

/** UTF-8 from `at`; gives the offset behind it. */
function writeText(bytes: Buffer, at: number, text: string): number {
  const length = text.length;
  if (length > SHORT_TEXT) return at + bytes.write(text, at);
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return at + bytes.write(text, at);
    bytes[at + i] = code;
  }
  return at + length;
}

/** Throws for a text of more than 255 bytes. All writers give the offset behind what they wrote, into a buffer with room enough. */
export function writeShort(bytes: Buffer, at: number, text: string): number {
  const end = writeText(bytes, at + 1, text);
  const length = end - at - 1;
  if (length > MAX_SHORT)
    throw new RangeError(`'${text.slice(0, 40)}…' has ${length} bytes, ${MAX_SHORT} at most are possible`);
  bytes[at] = length;
  return end;
}

export function writeUInt32(bytes: Buffer, at: number, value: number): number {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  return at + 4;
}
/** Of a safe integer. */
export function writeUInt64(bytes: Buffer, at: number, value: number): number {
  writeUInt32(bytes, at, Math.floor(value / 0x1_0000_0000));
  return writeUInt32(bytes, at + 4, value >>> 0);
}
export const readUInt64 = (bytes: Buffer, at: number): number =>
  bytes.readUInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);

export function writeTable(bytes: Buffer, at: number, fields: Fields): number {
  let end = at + 4;
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) end = writeField(bytes, writeShort(bytes, end, name), value);
  }
  writeUInt32(bytes, at, end - at - 4);
  return end;
}

function writeField(bytes: Buffer, at: number, value: FieldValue): number {
  switch (typeof value) {
    case 'string': {
      bytes[at] = 0x53; // S
      const end = writeText(bytes, at + 5, value);
      writeUInt32(bytes, at + 1, end - at - 5);
      return end;
    }
    case 'boolean':
      bytes[at] = 0x74; // t
      bytes[at + 1] = value ? 1 : 0;
      return at + 2;
    case 'number':
      return writeNumber(bytes, at, value);
    case 'bigint':
      bytes[at] = 0x6c; // l
      return bytes.writeBigInt64BE(value, at + 1);
    case 'object':
      if (isList(value)) return writeList(bytes, at, value);
      bytes[at] = 0x46; // F
      return writeTable(bytes, at + 1, value);
    default:
      throw new TypeError(`a header cannot hold a ${typeof value}`);
  }
}

function writeList(bytes: Buffer, at: number, texts: readonly string[]): number {
  bytes[at] = 0x41; // A
  let end = at + 5;
  for (const text of texts) end = writeField(bytes, end, text);
  writeUInt32(bytes, at + 1, end - at - 5);
  return end;
}

/** The shortest signed integer that holds it, else a double. */
function writeNumber(bytes: Buffer, at: number, value: number): number {
  if (!Number.isInteger(value) || Math.abs(value) >= 2 ** 63) {
    bytes[at] = 0x64; // d
    return bytes.writeDoubleBE(value, at + 1);
  }
  if (value >= -0x80 && value < 0x80) {
    bytes[at] = 0x62; // b
    bytes[at + 1] = value;
    return at + 2;
  }
  if (value >= -0x8000 && value < 0x8000) {
    bytes[at] = 0x73; // s
    return bytes.writeInt16BE(value, at + 1);
  }
  if (value >= -0x8000_0000 && value < 0x8000_0000) {
    bytes[at] = 0x49; // I
    return bytes.writeInt32BE(value, at + 1);
  }
  bytes[at] = 0x6c; // l
  return bytes.writeBigInt64BE(BigInt(value), at + 1);
}

/** Strings, numbers and booleans of the table at `at`; tables, arrays, times and the like (x-death) are left out. */
export function readScalars(bytes: Buffer, at: number): Record<string, Scalar> {
  const fields: Record<string, Scalar> = {};
  const end = at + 4 + bytes.readUInt32BE(at);
  if (end > bytes.length) throw new RangeError('a table goes beyond its frame');
  for (let next = at + 4; next < end; ) {
    const behindName = next + 1 + bytes[next]!;
    const name = bytes.toString('utf8', next + 1, behindName);
    const start = behindName + 1;
    next = start + lengthOf(bytes[behindName]!, bytes, start);
    if (next > end) throw new RangeError('a field goes beyond its table');
    const value = scalarOf(bytes[behindName]!, bytes, start, next);
    if (value === undefined) continue;
    if (name === '__proto__') continue;
    fields[name] = value;
  }
  return fields;
}

function scalarOf(tag: number, bytes: Buffer, at: number, end: number): Scalar | undefined {
  switch (tag) {
    case 0x53: // S
      return bytes.toString('utf8', at + 4, end);
    case 0x74: // t
      return bytes[at] !== 0;
    case 0x62: // b
      return bytes.readInt8(at);
    case 0x42: // B
      return bytes.readUInt8(at);
    case 0x73: // s
      return bytes.readInt16BE(at);
    case 0x75: // u
      return bytes.readUInt16BE(at);
    case 0x49: // I
      return bytes.readInt32BE(at);
    case 0x69: // i
      return bytes.readUInt32BE(at);
    case 0x6c: // l
      return Number(bytes.readBigInt64BE(at));
    case 0x66: // f
      return bytes.readFloatBE(at);
    case 0x64: // d
      return bytes.readDoubleBE(at);
    default:
      return undefined;
  }
}

/** Bytes of a field's value behind its tag. Throws for a tag that nobody knows. */
function lengthOf(tag: number, bytes: Buffer, at: number): number {
  switch (tag) {
    case 0x56: // V
      return 0;
    case 0x74:
    case 0x62:
    case 0x42:
      return 1;
    case 0x73:
    case 0x75:
      return 2;
    case 0x49:
    case 0x69:
    case 0x66:
      return 4;
    case 0x44: // D
      return 5;
    case 0x6c:
    case 0x64:
    case 0x54: // T
      return 8;
    case 0x53:
    case 0x46: // F
    case 0x41: // A
    case 0x78: // x
      return 4 + bytes.readUInt32BE(at);
    default:
      throw new TypeError(`a field of the unknown type ${JSON.stringify(String.fromCharCode(tag))}`);
  }
}
