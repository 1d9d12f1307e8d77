/** The codec against amqplib's, which many brokers and years have tried; and frames that break anywhere. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Content, type Publish, writePublish } from './content.ts';
import { FrameReader } from './frames.ts';
import { BASIC_ACK, BASIC_REJECT, methodFrame, writeSettle } from './methods.ts';
import { readScalars, tableBound, writeTable } from './values.ts';

const require = createRequire(import.meta.url);
const inside = (file: string) => require(join(dirname(require.resolve('amqplib')), 'lib', file));
const amqplib = {
  codec: inside('codec.js') as {
    encodeTable(buffer: Buffer, fields: unknown, at: number): number;
    decodeFields(slice: Buffer): Record<string, unknown>;
  },
  defs: inside('defs.js') as {
    BasicPublish: number;
    BasicProperties: number;
    BasicAck: number;
    BasicReject: number;
    encodeMethod(id: number, channel: number, fields: unknown): Buffer;
    encodeProperties(id: number, channel: number, size: number, fields: unknown): Buffer;
    decode(id: number, bytes: Buffer): Record<string, unknown>;
  },
};

const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 60 }));
const short = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((each) => Buffer.byteLength(each) < 256);
const scalar = fc.oneof(
  text,
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.integer(),
  fc.integer({ min: -130, max: 130 }),
  // Beyond, amqplib refuses what is no integer, and has no sign.
  fc
    .double({ noNaN: true })
    .filter((n) => !Object.is(n, -0) && (Number.isInteger(n) ? Math.abs(n) < 2 ** 63 : Math.abs(n) < 2 ** 50)),
);
const name = short.filter((each) => each !== '__proto__');
const headers = fc.dictionary(name, scalar, { noNullPrototype: true });

/** Gathers what is written, as a socket would see it. */
function gathering() {
  const parts: Buffer[] = [];
  let bytes = Buffer.alloc(0);
  return {
    at: 0,
    reserve(size: number) {
      bytes = Buffer.alloc(size, 0xaa);
      this.at = 0;
      return bytes;
    },
    commit(end: number) {
      parts.push(bytes.subarray(0, end));
    },
    append: (part: Buffer) => void parts.push(part),
    get all() {
      return Buffer.concat(parts);
    },
  };
}
const published = (publish: Publish, body: Buffer, frameMax = 131_072): Buffer => {
  const output = gathering();
  writePublish(output as never, 7, frameMax, publish, body);
  return output.all;
};
const framesOf = (bytes: Buffer, maxSize = 131_064) => {
  const frames: { type: number; channel: number; payload: Buffer }[] = [];
  new FrameReader(maxSize, (type, channel, chunk, start, end) => {
    frames.push({ type, channel, payload: Buffer.from(chunk.subarray(start, end)) });
  }).push(bytes);
  return frames;
};

const theirs = (fields: unknown): Buffer => {
  const bytes = Buffer.alloc(64 * 1024);
  return bytes.subarray(0, amqplib.codec.encodeTable(bytes, fields, 0));
};
const ours = (fields: Parameters<typeof writeTable>[2]): Buffer => {
  const bytes = Buffer.alloc(tableBound(fields));
  return bytes.subarray(0, writeTable(bytes, 0, fields));
};

describe('tables', () => {
  it('are written byte for byte as amqplib writes them, and read back', () => {
    fc.assert(
      fc.property(headers, (fields) => {
        const written = ours(fields);
        expect(written).toEqual(theirs(fields));
        expect(readScalars(written, 0)).toEqual(wellFormed(fields));
      }),
    );
  });

  it('have lists of texts', () => {
    fc.assert(
      fc.property(headers, fc.array(text), (fields, list) => {
        const both = { ...fields, BCC: list };
        expect(ours(both)).toEqual(theirs(both));
      }),
    );
  });

  it('leave out what is no scalar', () => {
    const death = { queue: 'a', count: { '!': 'int64', value: 3 }, 'routing-keys': ['k'] };
    const fields = {
      'x-death': [death, death],
      table: { a: { b: 1 } },
      time: { '!': 'timestamp', value: 1 },
      nothing: null,
      money: { '!': 'decimal', value: { places: 2, digits: 100 } },
      bytes: Buffer.from('x'),
      'x-stream-offset': { '!': 'int64', value: 2 ** 40 },
      float: { '!': 'float', value: 0.5 },
      small: { '!': 'uint8', value: 200 },
      middle: { '!': 'uint16', value: 60_000 },
      big: { '!': 'uint32', value: 4_000_000_000 },
      last: 'x',
    };
    expect(readScalars(theirs(fields), 0)).toEqual({
      'x-stream-offset': 2 ** 40,
      float: 0.5,
      small: 200,
      middle: 60_000,
      big: 4_000_000_000,
      last: 'x',
    });
    expect(ours({ inner: { offset: 5n } })).toEqual(theirs({ inner: { offset: { '!': 'int64', value: 5 } } }));
  });

  it('that are no tables throw, and read nothing beyond', () => {
    fc.assert(
      fc.property(headers, fc.nat(), fc.integer({ min: 0, max: 255 }), (fields, at, byte) => {
        const broken = Buffer.from(ours(fields));
        broken[at % broken.length] = byte;
        try {
          readScalars(broken, 0);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a publish', () => {
  const publish = fc.record<Publish>({
    exchange: short,
    routingKey: short,
    mandatory: fc.boolean(),
    contentType: short,
    headers: fc.option(headers, { nil: undefined }),
    persistent: fc.boolean(),
    correlationId: fc.option(short, { nil: undefined }),
    expiration: fc.option(short, { nil: undefined }),
    messageId: fc.option(short, { nil: undefined }),
    timestamp: fc.option(fc.nat(), { nil: undefined }),
  });

  it('is written byte for byte as amqplib writes it', () => {
    fc.assert(
      fc.property(publish, fc.uint8Array({ maxLength: 100 }), (fields, bytes) => {
        const { exchange, routingKey, mandatory, persistent, ...properties } = fields;
        const body = Buffer.from(bytes);
        const method = { exchange, routingKey, mandatory, immediate: false, ticket: undefined };
        const header = { ...properties, deliveryMode: persistent ? 2 : 1 };
        const expected = [
          amqplib.defs.encodeMethod(amqplib.defs.BasicPublish, 7, method),
          amqplib.defs.encodeProperties(amqplib.defs.BasicProperties, 7, body.length, header),
        ];
        expect(published(fields, body).subarray(0, Buffer.concat(expected).length)).toEqual(Buffer.concat(expected));
        const parts = framesOf(published(fields, body)).slice(2);
        expect(parts.map(({ payload }) => payload)).toEqual(body.length > 0 ? [body] : []);
      }),
    );
  });

  it('with a large body is cut into frames, also where it is not copied', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200_000 }), fc.constantFrom(4_096, 131_072), (length, frameMax) => {
        const body = Buffer.alloc(length, 'abcdefghijklm');
        const frames = framesOf(published(PLAIN, body, frameMax), frameMax - 8);
        expect(frames.every(({ payload, channel }) => payload.length <= frameMax - 8 && channel === 7)).toBe(true);
        expect(Buffer.concat(frames.slice(2).map(({ payload }) => payload)).equals(body)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(publish, (fields) => {
        const content = new Content(framesOf(published(fields, Buffer.alloc(3)))[1]!.payload);
        expect(content.size).toBe(3);
        expect(content.contentType).toBe(fields.contentType.toWellFormed());
        expect(content.messageId).toBe(fields.messageId?.toWellFormed());
        expect(content.correlationId).toBe(fields.correlationId?.toWellFormed());
        expect(content.headers).toEqual(wellFormed(fields.headers ?? {}));
      }),
    );
  });

  it('that AMQP cannot say sends nothing', () => {
    const output = gathering();
    const long = 'ä'.repeat(128);
    for (const broken of [
      { ...PLAIN, routingKey: long },
      { ...PLAIN, messageId: long },
      { ...PLAIN, headers: { [long]: 1 } },
      { ...PLAIN, headers: { a: 'x'.repeat(131_072) } },
      { ...PLAIN, headers: { a: (() => {}) as never } },
    ])
      expect(() => writePublish(output as never, 7, 131_072, broken, Buffer.alloc(1))).toThrow();
    expect(output.all).toHaveLength(0);
  });
});

it('acks and rejects are written as amqplib writes them', () => {
  fc.assert(
    fc.property(
      fc.maxSafeInteger().map(Math.abs),
      fc.boolean(),
      fc.integer({ min: 1, max: 65_535 }),
      (tag, flag, channel) => {
        const output = gathering();
        writeSettle(output, channel, BASIC_ACK, tag, flag);
        writeSettle(output, channel, BASIC_REJECT, tag, flag);
        const ack = { deliveryTag: tag, multiple: flag };
        const reject = { deliveryTag: tag, requeue: flag };
        const { encodeMethod, BasicAck, BasicReject } = amqplib.defs;
        expect(output.all).toEqual(
          Buffer.concat([encodeMethod(BasicAck, channel, ack), encodeMethod(BasicReject, channel, reject)]),
        );
      },
    ),
  );
});

describe('frames', () => {
  const frame = fc
    .tuple(fc.constantFrom(1, 2, 3, 8), fc.nat({ max: 65_535 }), fc.uint8Array({ maxLength: 300 }))
    .map(([type, channel, payload]) => {
      const head = Buffer.alloc(7);
      head[0] = type;
      head.writeUInt16BE(channel, 1);
      head.writeUInt32BE(payload.length, 3);
      return {
        type,
        channel,
        payload: Buffer.from(payload),
        bytes: Buffer.concat([head, payload, Buffer.from([0xce])]),
      };
    });

  it('come out whole wherever the chunks break', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 200 })), (frames, sizes) => {
        const all = Buffer.concat(frames.map(({ bytes }) => bytes));
        const seen: { type: number; channel: number; payload: Buffer }[] = [];
        const reader = new FrameReader(300, (type, channel, bytes, start, end) => {
          seen.push({ type, channel, payload: Buffer.from(bytes.subarray(start, end)) });
        });
        for (let at = 0, n = 0; at < all.length; n++) {
          const size = sizes[n % sizes.length] ?? 1;
          reader.push(all.subarray(at, at + size));
          at += size;
        }
        expect(seen).toEqual(frames.map(({ type, channel, payload }) => ({ type, channel, payload })));
      }),
      { numRuns: 1000 },
    );
  });

  it('that are too large, or do not end where they say, end it', () => {
    const good = methodFrame(1, BASIC_ACK, [{ longlong: 1 }, { octet: 0 }]);
    expect(() => framesOf(good, 12)).toThrow(/13 bytes; at most 12/);
    const broken = Buffer.from(good);
    broken[broken.length - 1] = 0;
    expect(() => framesOf(broken)).toThrow(/no AMQP frame/);
  });
});

const PLAIN: Publish = {
  exchange: 'documents',
  routingKey: 'order.v1',
  mandatory: true,
  contentType: 'application/json',
  headers: undefined,
  persistent: true,
  correlationId: '1',
  expiration: undefined,
  messageId: 'm',
  timestamp: undefined,
};

/** UTF-8 has no halves of surrogate pairs. */
const wellFormed = (fields: object) =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key.toWellFormed(),
      typeof value === 'string' ? value.toWellFormed() : value,
    ]),
  );
