/**
 * The warehouse system: takes ship notices, counts what arrives some time later, and posts the receipt. Every 25th receipt is posted
 * twice by a hasty clerk (another Idempotency-Key): the ERP must say ALREADY_POSTED, not book it again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openLedger } from './ledger.ts';
import { flags, postUntilTaken, ready, report, serve } from './process.ts';
import { DELIVERY_DATE, random } from './world.ts';

const args = flags({ ledger: undefined, crossdock: undefined, 'own-key': undefined, 'api-key': undefined, seed: '7' });
const ledger = openLedger(args.ledger, 'wms');
const counters = report({ asns: 0, receipts: 0, postings: 0, pending: 0 });

interface Asn {
  asn: string;
  action: 'announce' | 'cancel';
  version: string;
  cartons: { label: string; po: string; line: number; ean: string; qty: number; uom: string }[];
}
const known = new Map<string, Asn>();

/** A function of the shipment, so that it does not depend on who came first. */
const drawFor = (asn: string): (() => number) => random(Number(asn.replace(/\D/g, '')) * 31 + Number(args.seed));
const isPostedTwice = (asn: string): boolean => Number(asn.replace(/\D/g, '')) % 25 === 2;

async function receive(asn: string): Promise<void> {
  const draw = drawFor(asn);
  await sleep(300 + draw() * 1_000);
  const notice = known.get(asn) as Asn;
  const grn = `R-${asn}`;
  const receipt = {
    grn,
    asn,
    site: 'BER1',
    time: `${DELIVERY_DATE}T07:30:00Z`,
    counted: notice.cartons.map(({ po, line, ean, qty, uom, label }) => {
      const damaged = draw() < 0.1 ? 1 : 0;
      return { po, line, ean, ok: qty - damaged, damaged, uom, label };
    }),
  };
  const orders = [...new Set(notice.cartons.map((carton) => carton.po))];
  for (const idempotencyKey of isPostedTwice(asn) ? [grn, `${grn}-again`] : [grn]) {
    const { status, body } = await postUntilTaken(
      `${args.crossdock}/receipts`,
      { 'x-api-key': args['own-key'], 'idempotency-key': idempotencyKey },
      receipt,
    );
    const identity = { type: 'receipt' as const, key: grn, orders };
    const broken = receipt.counted.filter(({ damaged }) => damaged > 0).map(({ line }) => line);
    const note = broken.length > 0 ? { note: `damaged lines ${broken.sort((a, b) => a - b).join(',')}` } : {};
    if (status === 202) ledger.write({ kind: 'Sent', ...identity, expect: 'Effect', ...note });
    else
      ledger.write({
        kind: 'Conflict',
        ...identity,
        idempotencyKey,
        note: `answered ${status}: ${JSON.stringify(body).slice(0, 300)}`,
      });
  }
  counters.receipts += 1;
  counters.pending -= 1;
}

const url = await serve({
  ledger,
  apiKey: args['api-key'],
  endpoints: [
    {
      method: 'PUT',
      path: /^\/api\/asns\/[^/]+$/,
      type: 'ship-notice',
      identify({ body }) {
        const { asn, version, cartons } = body as unknown as Asn;
        return { key: `${asn}@${version}`, orders: [...new Set(cartons.map((carton) => carton.po))] };
      },
      take(call, identity) {
        const notice = call.body as unknown as Asn;
        ledger.write({ kind: 'Effect', type: 'ship-notice', ...identity, idempotencyKey: call.idempotencyKey });
        const first = !known.has(notice.asn);
        known.set(notice.asn, notice);
        if (first) {
          counters.asns += 1;
          counters.pending += 1;
          void receive(notice.asn);
        }
        return { status: first ? 201 : 200, body: { asn: notice.asn } };
      },
    },
    {
      method: 'PUT',
      path: /^\/api\/receipts\/[^/]+\/posting$/,
      type: 'goods-receipt-posted',
      identify: ({ body }) => ({ key: String(body.receiptNumber), orders: body.orders as string[] }),
      take(call, identity) {
        ledger.write({
          kind: 'Effect',
          type: 'goods-receipt-posted',
          ...identity,
          idempotencyKey: call.idempotencyKey,
        });
        counters.postings += 1;
        return { status: 200, body: {} };
      },
    },
  ],
});
ready({ url: `${url}/api` });
