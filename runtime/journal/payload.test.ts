import { expect, test } from 'vitest';
import { sha256Hex } from '../canonical.ts';
import type { Document } from '../document.ts';
import { canonicalPayload, MAX_PAYLOAD_BYTES, payloadBytes, sentPayload } from './payload.ts';

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

test('what is written is what is read, whatever the bytes are', () => {
  for (const bytes of [body, Buffer.from([0xef, 0xbb, 0xbf, 0x41]), Buffer.from([0xff, 0xfe, 0, 1]), Buffer.alloc(0)]) {
    const entry = JSON.parse(JSON.stringify(canonicalPayload({ ...document, body: bytes }, 1)));
    expect(payloadBytes(entry)).toEqual(bytes);
  }
});

test('a delivery of the canonical body is not stored twice', () => {
  expect(sent(body)).toMatchObject({ same: true, hash: document.bodyHash, bytes: body.length });
  expect(payloadBytes(sent(body))).toBeUndefined();
  expect(sent(Buffer.from('ISA*'))).toMatchObject({ text: 'ISA*', destination: 'a/x' });
});

test('above the limit only the hash is kept', () => {
  const large = Buffer.alloc(MAX_PAYLOAD_BYTES + 1, 'x');
  const entry = sent(large);
  expect(entry).toMatchObject({ hash: sha256Hex(large), bytes: large.length });
  expect(payloadBytes(entry)).toBeUndefined();
  expect(entry.same).toBeUndefined();
  expect(payloadBytes(sent(large.subarray(1)))).toHaveLength(MAX_PAYLOAD_BYTES);
});

test('another content, epoch or place has another id', () => {
  const ids = [sent(body), sent(Buffer.from('b')), sentPayload({ ...document, epoch: 1 }, 'a/x', document, 1)].map(
    ({ id }) => id,
  );
  expect(new Set([...ids, sentPayload(document, 'a/y', document, 1).id]).size).toBe(4);
  expect(sent(body).id).toBe(sentPayload(document, 'a/x', document, 99).id);
});
