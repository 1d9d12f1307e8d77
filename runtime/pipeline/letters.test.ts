import { describe, expect, test } from 'vitest';
import { DocumentError } from '../errors.ts';
import { entryId, outranks } from '../journal/outranks.ts';
import { inbox, outbox } from '../names.ts';
import { actOn, parkedOf, readLetter, replayOf, unitId } from './letters.ts';
import {
  deadLetter,
  documentMessage,
  type Received,
  rawMessage,
  readDocument,
  readRaw,
  readShipment,
  shipmentMessage,
} from './messages.ts';

const document = {
  id: 'd1',
  type: 'order.v1',
  origin: 'partner' as const,
  source: 'acme',
  receivedAt: 1_000,
  keys: { order: ['PO-1'] },
  bodyHash: 'h',
  epoch: 2,
  causation: 'c1',
  contentType: 'application/json',
  body: Buffer.from('{}'),
};
const shipment = {
  document,
  integration: 'orders',
  destination: 'sink',
  attempt: 4,
  keyRevision: 3,
  firstAttemptAt: 5,
  payload: document.body,
  target: { path: '/x' },
};
const received = ({ headers = {}, body, contentType, messageId }: ReturnType<typeof documentMessage>): Received => ({
  headers,
  body,
  contentType,
  messageId,
});
const error = (disposition: 'Park' | 'DeadLetter' = 'DeadLetter') =>
  new DocumentError({ class: 'DeliveryFailed', code: 'http.422', message: 'no', disposition, owner: 'ops' });
const act = { outcome: 'Replayed', by: 'kim', reason: 'r', at: 9 } as const;

describe('a letter of an outbox', () => {
  const message = received(
    deadLetter(received(shipmentMessage(shipment)), {
      stage: 'outbox',
      returnTo: outbox('orders', 'sink'),
      error: error(),
      integration: 'orders',
      destination: 'sink',
      at: 7_000,
    }),
  );
  const letter = readLetter(message);

  test('says why and where', () => {
    expect(letter).toMatchObject({
      stage: 'outbox',
      class: 'DeliveryFailed',
      code: 'http.422',
      message: 'no',
      owner: 'ops',
      failedAt: 7_000,
      integration: 'orders',
      destination: 'sink',
      epoch: 2,
      keyRevision: 3,
    });
  });

  test('replayed is the same shipment in a higher epoch, attempts counted anew, without a word of its end', () => {
    const replay = replayOf(message, letter);
    expect([replay.exchange, replay.routingKey]).toEqual(['work', 'orders:out:sink']);
    const { firstAttemptAt: _, ...kept } = shipment;
    expect(readShipment(received(replay))).toEqual({ ...kept, attempt: 1, document: { ...document, epoch: 3 } });
    const again = shipmentMessage({ ...kept, attempt: 1, document: { ...document, epoch: 3 } });
    expect(replay.headers).toEqual(again.headers);
  });

  test('is journalled for its destination', () => {
    expect(actOn(letter, act)).toMatchObject([
      { document: 'd1', destination: 'orders/sink', epoch: 3, outcome: 'Replayed', by: 'kim', type: 'order.v1' },
    ]);
    const [discarded] = actOn(letter, { ...act, outcome: 'Discarded' });
    expect(discarded).toMatchObject({ epoch: 2, id: entryId('d1', 'orders/sink', 2, 'Discarded', 1) });
  });

  test('has one id for copies, another in the next epoch', () => {
    expect(readLetter(message).id).toBe(letter.id);
    expect(readLetter({ ...message, headers: { ...message.headers, 'crossdock-epoch': 3 } }).id).not.toBe(letter.id);
  });
});

test('a letter of an inbox keeps the one destination that it is for', () => {
  const message = received(
    deadLetter(received(documentMessage(document, [inbox('order')])), {
      stage: 'inbox',
      returnTo: inbox('orders'),
      error: error('Park'),
      integration: 'orders',
      destination: 'sink',
      at: 1,
    }),
  );
  const letter = readLetter(message);
  expect(actOn(letter, act)).toMatchObject([{ destination: 'orders/sink' }]);
  const replayed = readDocument(received(replayOf(message, letter)));
  expect(replayed).toEqual({ keyRevision: 0, document: { ...document, epoch: 3 }, onlyDestination: 'sink' });
});

test.each([
  [
    [0, 2],
    [unitId('raw', 0), unitId('raw', 2)],
  ],
  [undefined, [unitId('raw', -1)]],
])('a letter of intake stands for transactions %s', (only, documents) => {
  const raw = {
    id: 'raw',
    channel: 'connector/box',
    label: 'in.x12',
    receivedAt: 1_000,
    epoch: 0,
    contentType: 'application/edi-x12',
    body: Buffer.from('ISA'),
  };
  const message = received(
    deadLetter(received(rawMessage(raw)), {
      stage: 'intake',
      returnTo: 'intake',
      error: error(),
      at: 1,
      ...(only && { only }),
    }),
  );
  const letter = readLetter(message);
  expect(letter).toMatchObject({ stage: 'intake', source: 'connector/box', label: 'in.x12' });
  expect(actOn(letter, act).map((entry) => [entry.document, entry.destination])).toEqual(
    documents.map((id) => [id, '']),
  );
  expect(readRaw(received(replayOf(message, letter)))).toEqual({ ...raw, epoch: 1, ...(only && { only }) });
});

test('a parked letter is the same in a higher epoch, and its account tells so over the dead letter', () => {
  const dead = received(
    deadLetter(received(shipmentMessage(shipment)), {
      ...{ stage: 'outbox', returnTo: outbox('orders', 'sink'), error: error(), at: 7_000 },
      ...{ integration: 'orders', destination: 'sink' },
    }),
  );
  const letter = readLetter(dead);
  const { id: _, ...same } = letter;
  const parked = received(parkedOf(dead, letter));
  expect(readLetter(parked)).toMatchObject({ ...same, epoch: 3 });
  expect(readShipment(received(replayOf(parked, readLetter(parked))))).toMatchObject({
    ...{ keyRevision: 3, attempt: 1, document: { epoch: 4 } },
  });
  const [entry] = actOn(letter, { ...act, outcome: 'Parked' });
  expect(entry).toMatchObject({
    epoch: 3,
    by: 'kim',
    error: { class: 'DeliveryFailed', code: 'http.422', message: 'no' },
  });
  const before = { ...entry!, outcome: 'DeadLettered' as const, epoch: 2 };
  expect(outranks(entry!, before)).toBe(true);
});

test('what the broker moved by itself goes back to where it was; what is none of ours goes nowhere', () => {
  const message = received(shipmentMessage(shipment));
  const letter = readLetter(message, { queue: 'orders:out:sink#2', reason: 'delivery_limit' });
  expect(letter).toMatchObject({ returnTo: 'orders:out:sink', code: 'broker.delivery_limit', stage: 'outbox' });
  expect(letter.message).toMatch(/again and again/);
  const foreign = { headers: {}, body: Buffer.from('?'), contentType: '', messageId: undefined };
  expect(readLetter(foreign)).toMatchObject({ stage: 'unknown', returnTo: '' });
});
