import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256Hex } from '../canonical.ts';
import type { Document } from '../document.ts';
import {
  MAX_PAYLOAD_BYTES,
  type PayloadEntry,
  payloadHead,
  payloadMessage,
  placeBodies,
  sentPayload,
  splitPayloads,
} from './payload.ts';

const body = Buffer.from('{"name":"Schräge 𝄞 \\u0000"}');
const document: Document = {
  id: 'd1',
  type: 'order.v1',
  origin: 'partner',
  source: 'acme',
  receivedAt: 1,
  keys: {},
  bodyHash: sha256Hex(body),
  epoch: 0,
  contentType: 'application/json',
  body,
};
const sent = (bytes: Buffer) => sentPayload(document, 'a/x', { body: bytes, contentType: 'application/EDI-X12' }, 2);

const message = (entries: readonly PayloadEntry[]) =>
  payloadMessage(
    entries.map(payloadHead),
    entries.flatMap((entry) => entry.body ?? []),
  );
function read(bytes: Buffer) {
  const { heads, bodies } = splitPayloads(bytes);
  const entries = JSON.parse(heads.toString()) as (PayloadEntry & { stored?: number })[];
  return { entries, problem: placeBodies(entries, bodies) };
}

test('what is written is what is read, whatever the bytes are', () => {
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc.constantFrom('\n', '[{}]\n', '{"a":1}').map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(fc.array(bytes.map((each) => Buffer.from(each))), fc.nat(), (all, n) => {
      const written = [...all.map((each) => sent(each)), sent(document.body)];
      const { entries, problem } = read(message(written));
      expect(problem).toBeUndefined();
      expect(entries.map(({ stored, ...entry }) => entry)).toEqual(written);
      // A byte less or more is noticed.
      const total = all.reduce((sum, each) => sum + each.length, 0);
      if (total > 0) expect(read(message(written).subarray(0, -1 - (n % total))).problem).toMatch(/heads tell of/);
      expect(read(Buffer.concat([message(written), Buffer.from('x')])).problem).toMatch(/heads tell of/);
    }),
  );
  expect(placeBodies([{ stored: -1 }], Buffer.from('x'))).toBe('stored is -1');
  expect(splitPayloads(Buffer.from('[]'))).toEqual({ heads: Buffer.from('[]'), bodies: Buffer.alloc(0) });
});

test('a delivery of the canonical body is not stored twice', () => {
  expect(sent(body)).toMatchObject({ same: true, hash: document.bodyHash, bytes: body.length });
  expect(sent(body).body).toBeUndefined();
  expect(sent(Buffer.from('ISA*'))).toMatchObject({ body: Buffer.from('ISA*'), destination: 'a/x' });
});

test('above the limit only the hash is kept', () => {
  const large = Buffer.alloc(MAX_PAYLOAD_BYTES + 1, 'x');
  const entry = sent(large);
  expect(entry).toMatchObject({ hash: sha256Hex(large), bytes: large.length });
  expect(entry.body).toBeUndefined();
  expect(entry.same).toBeUndefined();
  expect(sent(large.subarray(1)).body).toHaveLength(MAX_PAYLOAD_BYTES);
});

test('another content, epoch or place has another id', () => {
  const ids = [sent(body), sent(Buffer.from('b')), sentPayload({ ...document, epoch: 1 }, 'a/x', document, 1)].map(
    ({ id }) => id,
  );
  expect(new Set([...ids, sentPayload(document, 'a/y', document, 1).id]).size).toBe(4);
  expect(sent(body).id).toBe(sentPayload(document, 'a/x', document, 99).id);
});
