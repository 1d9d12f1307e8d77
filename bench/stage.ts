/**
 * Rough speed of one stage: raw JSON of 2 KB from `intake` (quorum) to an inbox (quorum): decode, map, validate, keys, publish, confirm,
 * journal, ack. Drains a backlog; prints documents/s, CPU per document of the process, and its memory. Not a test.
 *
 *   node bench/stage.ts [documents, default 20000] [--profile]
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import amqp from 'amqplib';
import { connectBroker } from '../runtime/broker/amqp.ts';
import { deriveId } from '../runtime/canonical.ts';
import { rawMessage } from '../runtime/pipeline/messages.ts';
import { startPrivateBroker } from '../standalone/broker.ts';
import { startPrivateDatabase } from '../standalone/database.ts';

const total = Number(process.argv[2] ?? 20_000);
const profile = process.argv.includes('--profile');
const folder = mkdtempSync(join(tmpdir(), 'crossdock-bench-'));
mkdirSync(join(folder, 'resources'));
writeFileSync(
  join(folder, 'resources', 'bench.yaml'),
  `
apiVersion: crossdock.dev/v1alpha1
kind: Connector
metadata: {name: box}
spec: {directory: {inbound: "${folder}", outbound: "${folder}/out"}}
---
apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: order-v1}
spec:
  name: order
  version: 1
  json:
    schema:
      type: object
      required: [orderNumber, lines]
      properties:
        orderNumber: {type: string}
        orderDate: {type: string, format: date}
        supplierCode: {type: string}
        lines:
          type: array
          items:
            type: object
            required: [sku, quantity, price]
            properties: {sku: {type: string}, gtin: {type: string, pattern: "^[0-9]{13}$"}, description: {type: string}, quantity: {type: number}, price: {type: string}}
  keys: [{name: order, expression: orderNumber}]
---
apiVersion: crossdock.dev/v1alpha1
kind: Mapping
metadata: {name: from-erp}
spec:
  from: {documentTypeRef: {name: order-v1}}
  to: {documentTypeRef: {name: order-v1}}
  expression: |
    {
      "orderNumber": no, "orderDate": date, "supplierCode": supplier.code,
      "lines": items.{"sku": article, "gtin": ean, "description": $uppercase(text), "quantity": qty * pack, "price": $string(price)}
    }
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: orders}
spec:
  source: {connector: {connectorRef: {name: box}}, documentTypeRef: {name: order-v1}, mappingRef: {name: from-erp}}
  destinations: [{name: box, system: {connectorRef: {name: box}}}]
  state: Paused
`,
);
const document = (n: number) => ({
  no: `PO-${n}`,
  date: '2026-11-23',
  supplier: { code: '100345', name: 'Acme Supplies GmbH' },
  items: Array.from({ length: 10 }, (_, i) => ({
    article: `AC-${1000 + i}`,
    ean: '4056789010019',
    text: `Hexagon bolt M8 x ${i}, zinc plated, DIN 933, strength class 8.8`,
    qty: i + 1,
    pack: 12,
    price: 1.25 + i,
    note: 'x'.repeat(20),
  })),
});

const broker = await startPrivateBroker();
const database = await startPrivateDatabase();
const args = ['--no-warnings', ...(profile ? ['--cpu-prof', '--cpu-prof-dir=bench/out'] : []), 'cli/main.ts', 'dev'];
const flags = ['--broker', broker.uri, '--management', broker.managementUri, '--database', database.url];
const start = async () => {
  const child = spawn(
    process.execPath,
    [...args, join(folder, 'resources'), ...flags, '--json', '--http-port', '0', '--admin-port', '0'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, LOG_LEVEL: 'error' },
    },
  );
  await new Promise<void>((resolve) =>
    createInterface({ input: child.stdout }).on('line', (line) => line.includes('"ready"') && resolve()),
  );
  return child;
};
const first = await start();
const ended = new Promise((resolve) => first.once('exit', resolve));
first.kill('SIGTERM');
await ended;

const uri = `${broker.uri}/${encodeURIComponent('crossdock.default')}`;
const publisher = await connectBroker({ uri, name: 'bench', log: { info() {}, warn() {}, error() {} } });
const publishes: Promise<void>[] = [];
for (let n = 0; n < total; n++) {
  const body = Buffer.from(JSON.stringify(document(n)));
  if (n === 0) console.log(`${total} documents of ${body.length} bytes`);
  publishes.push(
    publisher.publish(
      rawMessage({
        id: deriveId('bench', n),
        channel: 'integration/orders',
        label: '',
        receivedAt: Date.now(),
        epoch: 0,
        contentType: 'application/json',
        body,
      }),
    ),
  );
  if (n % 1000 === 999) await Promise.all(publishes.splice(0));
}
await Promise.all(publishes);
await publisher.close();

const connection = await amqp.connect(uri);
const channel = await connection.createChannel();
const count = async () => (await channel.checkQueue('orders:inbox')).messageCount;
const cpuMs = (pid: number) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
};
const child = await start();
while ((await count()) < total * 0.1) await sleep(20);
const [from, at, cpu] = [await count(), performance.now(), cpuMs(child.pid!)];
const brokerCpu = cpuMs(broker.pid);
let done = from;
while (done < total) {
  await sleep(20);
  done = await count();
}
const seconds = (performance.now() - at) / 1000;
const n = total - from;
const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
console.log(
  `${Math.round(n / seconds)} documents/s, ${Math.round(((cpuMs(child.pid!) - cpu) * 1000) / n)} µs CPU each, broker ${Math.round(((cpuMs(broker.pid) - brokerCpu) * 1000) / n)} µs, ${Math.round(Number(rss) / 1024)} MiB`,
);
const gone = new Promise((resolve) => child.once('exit', resolve));
child.kill('SIGTERM');
await gone;
await connection.close();
await broker.stop();
await database.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
