/**
 * A supplier that works with X12 files in a mailbox: reads orders (850) from the outbound folder, answers 855, ships (856) and sends
 * its invoice (810) as files that appear whole in the inbound folder. `--habit` says what is wrong with it:
 * `revises` (one shipment is announced anew, and the first notice of it comes late; another names an unknown article), `repeats`
 * (every ship notice comes twice, the second in another file with another control number; confirmations come several to a file),
 * `damages` (some ship notices arrive broken and are sent again; one ships a model that the ERP does not know).
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Expectation, openLedger } from './ledger.ts';
import { flags, ready, report } from './process.ts';
import {
  damage,
  damages,
  invoice,
  orderResponse,
  readAcknowledgment,
  readOrder,
  type ShipNoticeOptions,
  shipNotice,
} from './supplier-x12-documents.ts';
import { type Order, ordinalOf, RESPONSE_DATE, random, SHIP_DATE, suppliers } from './world.ts';
import { readInterchange, type Segment, writeInterchange } from './x12.ts';

const args = flags({
  ledger: undefined,
  /** Mailbox with the folders in, out, archive; ours are taken and drafts. */
  mailbox: undefined,
  name: undefined,
  habit: undefined,
  /** Our customer's interchange id. */
  customer: 'EXDIST',
  seed: '7',
});
const self = suppliers.find((supplier) => supplier.name === args.name);
if (!self?.interchangeId) throw new Error(`--name ${args.name}: not an X12 supplier`);
const { prefix, interchangeId } = self;
const ledger = openLedger(args.ledger, args.name);
const counters = report({ orders: 0, responses: 0, shipNotices: 0, invoices: 0, damaged: 0, pending: 0 });
const folder = (name: string): string => join(args.mailbox, name);
for (const name of ['in', 'out', 'archive', 'taken', 'drafts']) mkdirSync(folder(name), { recursive: true });

const POLL_MS = 150;
const BATCH_MS = 600;
/** Each supplier numbers from a start of its own, so that numbers name a file without its sender. */
let control = suppliers.indexOf(self) * 100_000;
/** Control number → the verdict that its acknowledgment must have. */
const awaited = new Map<string, 'A' | 'R'>();

interface Outgoing {
  functionalId: 'PR' | 'SH' | 'IN';
  transaction: '855' | '856' | '810';
  bodies: Segment[][];
  alter?: (interchange: string) => string;
}
/** Written aside and renamed, so that nobody ever sees half a file (unless half a file is what we sent). */
function send({ functionalId, transaction, bodies, alter }: Outgoing): string {
  control += 1;
  const date = transaction === '855' ? RESPONSE_DATE : SHIP_DATE;
  const text = writeInterchange(
    { sender: interchangeId as string, receiver: args.customer, control, functionalId },
    transaction,
    bodies,
    date,
  );
  const name = `${prefix}-${transaction}-${String(control).padStart(6, '0')}.x12`;
  awaited.set(String(control), alter ? 'R' : 'A');
  ledger.write({
    kind: 'Sent',
    type: 'x12-997',
    key: String(control),
    orders: [],
    expect: 'Effect',
    note: `for ${name}`,
  });
  writeFileSync(folder(join('drafts', name)), alter ? alter(text) : text);
  renameSync(folder(join('drafts', name)), folder(join('in', name)));
  return name;
}
const sent = (
  type: 'order-response' | 'ship-notice' | 'invoice',
  key: string,
  order: Order,
  expect: Expectation,
  note?: string,
): void => ledger.write({ kind: 'Sent', type, key, orders: [order.orderNumber], expect, ...(note ? { note } : {}) });

const batch: Order[] = [];
function respond(order: Order): void {
  batch.push(order);
  if (args.habit === 'repeats' && batch.length === 1) setTimeout(flush, BATCH_MS);
  else if (args.habit !== 'repeats') flush();
}
function flush(): void {
  const orders = batch.splice(0);
  send({ functionalId: 'PR', transaction: '855', bodies: orders.map(orderResponse) });
  for (const order of orders) sent('order-response', order.orderNumber, order, 'Effect');
  counters.responses += orders.length;
}

const ISSUED = '101500';
const REVISED = '113000';
const keyOf = (shipment: string, time: string): string =>
  `${shipment}@${SHIP_DATE}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}Z`;

async function ship(order: Order): Promise<void> {
  const ordinal = ordinalOf(order.orderNumber);
  const shipment = `${prefix}-S-${order.orderNumber.slice('PO-'.length)}`;
  const plain: ShipNoticeOptions = { shipment, prefix, purpose: '00', time: ISSUED };
  const announce = (
    expect: Expectation,
    options: Partial<ShipNoticeOptions> = {},
    note?: string,
    alter?: Outgoing['alter'],
  ): string => {
    const body = shipNotice(order, { ...plain, ...options });
    sent('ship-notice', keyOf(shipment, options.time ?? ISSUED), order, expect, note);
    counters.shipNotices += 1;
    return send({ functionalId: 'SH', transaction: '856', bodies: [body], ...(alter ? { alter } : {}) });
  };
  if (args.habit === 'repeats') {
    announce('Effect');
    await sleep(700);
    announce('Duplicate', {}, 'the same notice in another file');
  } else if (args.habit === 'damages' && ordinal % 5 === 1) {
    const how = damages[Math.floor(ordinal / 5) % damages.length] ?? 'Truncated';
    announce('DeadLetter', {}, how, (text) => damage(text, how));
    counters.damaged += 1;
    await sleep(2_000);
    announce('Effect', {}, 'sent again after a call by phone');
  } else if (args.habit === 'damages' && ordinal === 2)
    announce('Effect', { substitute: 'UnknownToErp' }, 'ships a model that the ERP does not know');
  else if (args.habit === 'revises' && ordinal === 3)
    announce('Held', { substitute: 'UnknownToUs' }, 'names an unknown article');
  else if (args.habit === 'revises' && ordinal === 1) {
    const name = announce('Effect', { purpose: '05', time: REVISED }, 'replaces the first notice and overtakes it');
    while (readdirSync(folder('in')).includes(name)) await sleep(POLL_MS);
    await sleep(6_000);
    announce('Superseded', {}, 'first notice, late');
  } else announce('Effect');
}

async function fulfil(order: Order): Promise<void> {
  const draw = random(Number(order.orderNumber.slice('PO-'.length)) * 17 + Number(args.seed));
  await sleep(100 + draw() * 400);
  respond(order);
  await sleep(BATCH_MS + draw() * 1_000);
  await ship(order);
  await sleep(1_000 + draw() * 1_000);
  const number = `${prefix}-I-${order.orderNumber.slice('PO-'.length)}`;
  send({ functionalId: 'IN', transaction: '810', bodies: [invoice(order, number)] });
  sent('invoice', number, order, 'Effect');
  counters.invoices += 1;
  counters.pending -= 1;
}

function acknowledged({ group, verdict }: { group: string; verdict: string }, idempotencyKey: string): void {
  const known = { type: 'x12-997' as const, key: group, orders: [], idempotencyKey };
  const expected = awaited.get(group);
  if (verdict === expected) ledger.write({ kind: 'Effect', ...known, note: verdict });
  else ledger.write({ kind: 'Conflict', ...known, note: `acknowledged with ${verdict}, expected ${expected}` });
}

/** Control number → content: a number that comes again with the same content is a repetition, with another one a mistake. */
const seen = new Map<string, string>();
function take(name: string): void {
  const text = readFileSync(folder(join('out', name)), 'utf8');
  renameSync(folder(join('out', name)), folder(join('taken', name)));
  const conflict = (key: string, note: string): void =>
    ledger.write({ kind: 'Conflict', type: 'purchase-order', key, orders: [], idempotencyKey: name, note });
  try {
    const interchange = readInterchange(text);
    if (interchange.receiver !== interchangeId) throw new Error(`meant for ${interchange.receiver}`);
    for (const [i, transaction] of interchange.transactions.entries()) {
      const idempotencyKey = `${interchange.sender}/${interchange.control}/${i}`;
      if (transaction.id === '997') {
        acknowledged(readAcknowledgment(transaction), idempotencyKey);
        continue;
      }
      const order = readOrder(transaction);
      const identity = {
        type: 'purchase-order' as const,
        key: order.orderNumber,
        orders: [order.orderNumber],
        idempotencyKey,
      };
      const hash = createHash('sha256').update(JSON.stringify(transaction)).digest('hex');
      const known = seen.get(idempotencyKey);
      seen.set(idempotencyKey, hash);
      if (known !== undefined && known !== hash)
        conflict(order.orderNumber, `control number ${interchange.control} came twice with other content`);
      else if (known !== undefined) ledger.write({ kind: 'Repeat', ...identity });
      else {
        ledger.write({ kind: 'Effect', ...identity });
        counters.orders += 1;
        counters.pending += 1;
        void fulfil(order);
      }
    }
  } catch (error) {
    conflict(name, (error as Error).message);
  }
}
ready();
for (;;) {
  for (const name of readdirSync(folder('out')).sort())
    if (!name.startsWith('.') && !/\.(tmp|part|partial)$/.test(name)) take(name);
  await sleep(POLL_MS);
}
