/**
 * A purchase order mapped: by hand-written JavaScript, by the compiled expression, by the jsonata library. Interleaved, best of the rounds.
 * `node_modules/.bin/node bench/mapping.ts [rounds]`. Goals: ≤ 5 × hand-written, ≥ 50 × as fast as the library.
 */
import { isDeepStrictEqual } from 'node:util';
import jsonata from 'jsonata';
import { compileExpression } from '../runtime/mapping/compile.ts';

const EXPRESSION = `{
  "orderNumber": order.number,
  "orderDate": order.date,
  "currency": order.currency,
  "buyer": {"gln": buyer.gln, "name": $uppercase(buyer.name), "city": buyer.address.city},
  "supplier": {"gln": supplier.gln, "name": supplier.name},
  "shipTo": buyer.address.(street & ", " & zip & " " & city),
  "lines": lines[quantity > 0].{
    "line": no,
    "sku": item.sku,
    "gtin": item.gtin,
    "text": item.description,
    "quantity": quantity,
    "unit": unit = "PCE" ? "EA" : unit,
    "price": price,
    "amount": quantity * price
  },
  "count": $count(lines),
  "total": $sum(lines.(quantity * price))
}`;

interface Line {
  no: number;
  quantity: number;
  price: number;
  unit: string;
  item: { sku: string; gtin: string; description: string };
}
interface Order {
  order: { number: string; date: string; currency: string };
  buyer: { gln: string; name: string; address: { street: string; zip: string; city: string } };
  supplier: { gln: string; name: string };
  lines: Line[];
}
const order: Order = {
  order: { number: 'PO-2026-000123', date: '2026-03-01', currency: 'EUR' },
  buyer: {
    gln: '4000001000005',
    name: 'Acme Handel',
    address: { street: 'Hafenstr. 1', zip: '20457', city: 'Hamburg' },
  },
  supplier: { gln: '4000002000004', name: 'Supplier AG' },
  lines: Array.from({ length: 10 }, (_, i) => ({
    no: i + 1,
    quantity: (i * 7) % 12,
    price: 1.25 * (i + 1),
    unit: i % 2 ? 'PCE' : 'CT',
    item: { sku: `SKU-${1000 + i}`, gtin: `400000${1000000 + i}`, description: `Article number ${i} of the catalogue` },
  })),
};

function byHand({ order, buyer, supplier, lines }: Order) {
  const { address } = buyer;
  const mapped = [];
  let total = 0;
  for (const { no, item, quantity, unit, price } of lines) {
    total += quantity * price;
    if (!(quantity > 0)) continue;
    mapped.push({
      line: no,
      sku: item.sku,
      gtin: item.gtin,
      text: item.description,
      quantity,
      unit: unit === 'PCE' ? 'EA' : unit,
      price,
      amount: quantity * price,
    });
  }
  return {
    orderNumber: order.number,
    orderDate: order.date,
    currency: order.currency,
    buyer: { gln: buyer.gln, name: buyer.name.toUpperCase(), city: address.city },
    supplier: { gln: supplier.gln, name: supplier.name },
    shipTo: `${address.street}, ${address.zip} ${address.city}`,
    lines: mapped,
    count: lines.length,
    total,
  };
}
const rounds = Number(process.argv[2] ?? 7);
const compiled = compileExpression(EXPRESSION, 'bench');
const library = jsonata(EXPRESSION);
const context = { tables: {} };
/** As documents come: parsed anew, so that no object is the same twice. */
const inputs = Array.from({ length: 64 }, () => JSON.parse(JSON.stringify(order)) as Order);

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
const results = [byHand(order), compiled.evaluate(order, context), await library.evaluate(order)].map(plain);
for (const result of results)
  if (!isDeepStrictEqual(result, results[0])) throw new Error(`not the same: ${JSON.stringify(results, null, 1)}`);

interface Case {
  name: string;
  turns: number;
  run(turns: number): unknown;
}
let sink: unknown;
const cases: Case[] = [
  {
    name: 'hand-written',
    turns: 200_000,
    run: (turns) => {
      for (let i = 0; i < turns; i++) sink = byHand(inputs[i & 63]!);
    },
  },
  {
    name: 'compiled',
    turns: 50_000,
    run: (turns) => {
      for (let i = 0; i < turns; i++) sink = compiled.evaluate(inputs[i & 63], context);
    },
  },
  {
    name: 'jsonata',
    turns: 500,
    run: async (turns) => {
      for (let i = 0; i < turns; i++) sink = await library.evaluate(inputs[i & 63]);
    },
  },
];

const best = new Map<string, number>();
for (let round = 0; round <= rounds; round++)
  for (const { name, turns, run } of cases) {
    const before = process.cpuUsage();
    await run(turns);
    const { user, system } = process.cpuUsage(before);
    // The first round warms up.
    if (round > 0) best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, (user + system) / turns));
  }
if (sink === undefined) throw new Error('nothing was mapped');

const [hand, ours, theirs] = cases.map(({ name }) => best.get(name)!) as [number, number, number];
console.table(
  cases.map(({ name }) => ({
    name,
    'CPU µs': Number(best.get(name)!.toFixed(2)),
    '× hand-written': Number((best.get(name)! / hand).toFixed(1)),
  })),
);
console.log(
  `compiled: ${(ours / hand).toFixed(1)} × hand-written (goal ≤ 5), ${(theirs / ours).toFixed(0)} × as fast as jsonata (goal ≥ 50)`,
);
