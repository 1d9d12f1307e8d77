/** A small folder, `crossdock dev` as a process that can be killed, and an outside system with a ledger of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { managementClient } from '../../operator/apply/rabbitmq/client.ts';
import { vhostOf } from '../../operator/apply/rabbitmq/namespace.ts';
import { TRACKER_OF_ALL } from '../../runtime/store/schemas.ts';
import { createLog } from '../../runtime/telemetry/log.ts';
import { type Dev, type Reload, startDev } from '../../standalone/dev.ts';
import { type AccountRow, readAccounts } from '../../tracker/accounts.ts';
import { sharedBroker } from '../support/broker.ts';
import { testDatabase } from '../support/database.ts';

export const API_KEY = 'the-key-of-a-test';

export interface Effect {
  key: string;
  path: string;
  body: Record<string, unknown>;
  repeated: boolean;
}
/** An outside system that honours Idempotency-Key: a repeated key is answered again and makes no second effect. */
export interface Ledger {
  url: string;
  effects: Effect[];
  requests: number;
  /** Answers instead of accepting, when it returns something. */
  answer: (effect: Effect, response: ServerResponse) => boolean;
  close(): Promise<void>;
}
export async function startLedger(): Promise<Ledger> {
  const ledger: Ledger = { url: '', effects: [], requests: 0, answer: () => false, close: async () => {} };
  const server = createServer(async (request, response) => {
    ledger.requests += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of request as IncomingMessage & AsyncIterable<Buffer>) chunks.push(chunk);
    const key = String(request.headers['idempotency-key']);
    const effect: Effect = {
      key,
      path: request.url!,
      body: parsed(Buffer.concat(chunks).toString()),
      repeated: ledger.effects.some((known) => known.key === key),
    };
    if (ledger.answer(effect, response)) return;
    ledger.effects.push(effect);
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ number: ledger.effects.length }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ledger.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  ledger.close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return ledger;
}

export interface Stand {
  namespace: string;
  folder: string;
  inbound: string;
  ledger: Ledger;
  database: pg.Pool;
  databaseUrl: string;
  brokerUri: string;
  managementUri: string;
  /** Writes or replaces a file of the folder at once. */
  write(file: string, text: string): void;
  /** Drops a file into the folder that the connector `box` reads. */
  drop(file: string, text: string | Buffer): void;
  accounts(value?: string): Promise<AccountRow[]>;
  /** The accounts, once `settled` says so; throws with what they were after the deadline. */
  until(settled: (rows: AccountRow[]) => boolean, deadlineMs?: number): Promise<AccountRow[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

let stands = 0;
export async function makeStand(broker?: { uri: string; managementUri: string }): Promise<Stand> {
  const { uri, managementUri } = broker ?? (await sharedBroker());
  const namespace = `test-${process.pid}-${++stands}`;
  const root = mkdtempSync(join(tmpdir(), 'crossdock-stand-'));
  const [folder, inbound] = [join(root, 'resources'), join(root, 'in')];
  mkdirSync(folder);
  mkdirSync(inbound);
  const ledger = await startLedger();
  const own = await testDatabase();
  const database = new pg.Pool({ connectionString: own.url, max: 2, options: `-c search_path=${TRACKER_OF_ALL}` });
  database.on('error', () => {});
  const replaced = (directory: string, file: string, text: string | Buffer) => {
    writeFileSync(join(root, 'new'), text);
    renameSync(join(root, 'new'), join(directory, file));
  };
  const stand: Stand = {
    namespace,
    folder,
    inbound,
    ledger,
    database,
    databaseUrl: own.url,
    brokerUri: uri,
    managementUri,
    write: (file, text) => replaced(folder, file, text),
    drop: (file, text) => replaced(inbound, file, text),
    // The tracker makes its tables when it starts.
    accounts: (value) => readAccounts(database, namespace, value).catch(() => []),
    async until(settled, deadlineMs = 25_000) {
      const end = Date.now() + deadlineMs;
      for (;;) {
        const rows = await stand.accounts();
        if (settled(rows)) return rows;
        if (Date.now() > end) throw new Error(`not settled: ${JSON.stringify(summary(rows))}`);
        await sleep(100);
      }
    },
    async [Symbol.asyncDispose]() {
      await ledger.close();
      await database.end();
      await own.remove();
      const management = managementClient({ uri: managementUri });
      await management.deleteVhost(vhostOf(namespace)).catch(() => {});
      await management.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
  stand.write('base.yaml', baseYaml(stand));
  return stand;
}

/** Counts of states per destination. */
export const summary = (rows: AccountRow[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { destination, state } of rows)
    if (state) counts[`${destination || 'intake'} ${state}`] = (counts[`${destination || 'intake'} ${state}`] ?? 0) + 1;
  return counts;
};

/** An endpoint /orders and a folder `box`, both to one outside system. */
const baseYaml = ({ namespace, inbound, ledger }: Stand) => `
apiVersion: crossdock.dev/v1alpha1
kind: Connector
metadata: {name: sink, namespace: ${namespace}}
spec: {http: {url: "${ledger.url}"}, timeout: 2s}
---
apiVersion: crossdock.dev/v1alpha1
kind: Connector
metadata: {name: box, namespace: ${namespace}}
spec: {directory: {inbound: "${inbound}", pollInterval: 200ms}}
---
apiVersion: v1
kind: Secret
metadata: {name: keys, namespace: ${namespace}, labels: {crossdock.dev/use: "true"}}
stringData: {apiKey: ${API_KEY}}
---
apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: order-v1, namespace: ${namespace}}
spec:
  name: order
  version: 1
  json: {schema: {type: object, required: [number], properties: {number: {type: string}, lines: {type: array}}}}
  keys: [{name: order, expression: number}]
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: orders, namespace: ${namespace}}
spec:
  source: {http: {path: /orders, auth: {apiKey: {secretKeyRef: {name: keys, key: apiKey}}}}, documentTypeRef: {name: order-v1}}
  destinations:
  - {name: sink, system: {connectorRef: {name: sink}, http: {path: /effects}}}
  delivery: {retry: 4, backoffDelay: 1s, backoffMax: 1s}
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: files, namespace: ${namespace}}
spec:
  source: {connector: {connectorRef: {name: box}}, documentTypeRef: {name: order-v1}}
  destinations:
  - {name: sink, system: {connectorRef: {name: sink}, http: {path: /effects}}}
`;

/** A partner that sends X12 856 by a mailbox and gets 997s: its outbound folder is `edi/out` in the stand's. */
export const ediPartner = ({ namespace, inbound }: Stand) => `
apiVersion: crossdock.dev/v1alpha1
kind: Organization
metadata: {name: us, namespace: ${namespace}}
spec: {identifiers: [{scheme: X12, qualifier: ZZ, value: US}]}
---
apiVersion: crossdock.dev/v1alpha1
kind: Connector
metadata: {name: mailbox, namespace: ${namespace}}
spec: {directory: {inbound: "${inbound}/edi", outbound: "${inbound}/edi/out", pollInterval: 200ms}}
---
apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: notice-v1, namespace: ${namespace}}
spec: {name: notice, version: 1, json: {schema: {type: object, required: [shipment]}}, keys: [{name: shipment, expression: shipment}]}
---
apiVersion: crossdock.dev/v1alpha1
kind: Mapping
metadata: {name: from-856, namespace: ${namespace}}
spec:
  from: {x12: {transaction: "856"}}
  to: {documentTypeRef: {name: notice-v1}}
  expression: '{"shipment": BSN.BSN02}'
---
apiVersion: crossdock.dev/v1alpha1
kind: Partner
metadata: {name: acme, namespace: ${namespace}}
spec:
  identifiers: [{scheme: X12, qualifier: ZZ, value: ACME}]
  channel: {connectorRef: {name: mailbox}}
  x12: {version: "004010"}
  acknowledgments: {send: Functional}
  documents: [{documentTypeRef: {name: notice-v1}, x12: {transaction: "856"}, mappingRef: {name: from-856}}]
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: notices, namespace: ${namespace}}
spec:
  source: {partners: {documentTypeRefs: [{name: notice-v1}]}}
  destinations: [{name: sink, system: {connectorRef: {name: sink}, http: {path: /notices}}}]
`;

/** `crossdock dev` within this process, without a kill: quicker, and its parts can be looked at. */
export async function startDevHere(
  stand: Stand,
  more: Partial<Parameters<typeof startDev>[0]> = {},
): Promise<
  Dev & { http: string; reloads: Reload[]; nextReload(): Promise<Reload>; [Symbol.asyncDispose](): Promise<void> }
> {
  const reloads: Reload[] = [];
  let wake = Promise.withResolvers<Reload>();
  const dev = await startDev({
    folder: stand.folder,
    brokerUri: stand.brokerUri,
    managementUri: stand.managementUri,
    databaseUrl: stand.databaseUrl,
    http: { host: '127.0.0.1', port: 0 },
    admin: { host: '127.0.0.1', port: 0 },
    log: createLog('test', {
      stream: new Writable({
        write: (chunk, _encoding, done) => (process.env.TEST_LOG ? process.stderr.write(chunk, done) : done()),
      }),
    }),
    onReload: (reload) => {
      reloads.push(reload);
      wake.resolve(reload);
      wake = Promise.withResolvers();
    },
    ...more,
  });
  return Object.assign(dev, {
    http: `http://127.0.0.1:${dev.httpPort}`,
    reloads,
    nextReload: () => wake.promise,
    [Symbol.asyncDispose]: () => dev.stop(),
  });
}

export interface DevProcess {
  child: ChildProcess;
  http: string;
  admin: string;
  /** JSON lines that it printed, newest last. */
  lines: Record<string, unknown>[];
  /** Resolves with the signal or code that ended it. */
  exited: Promise<string | number>;
  /** Resolves with the next line for which it holds, also of those printed already. */
  line(holds: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** `crossdock dev` on the stand's folder, broker and database; resolves when it is ready. */
export async function startDevProcess(stand: Stand, env: Record<string, string> = {}): Promise<DevProcess> {
  const arguments_ = ['dev', stand.folder, '--json', '--http-port', '0', '--admin-port', '0', '--console-port', '0'];
  const parts = ['--broker', stand.brokerUri, '--management', stand.managementUri, '--database', stand.databaseUrl];
  const child = spawn(process.execPath, ['--no-warnings', 'cli/main.ts', ...arguments_, ...parts], {
    env: { ...process.env, LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Record<string, unknown>[] = [];
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors = (errors + chunk).slice(-4_000);
  });
  let look = () => {};
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (text.startsWith('{')) lines.push(JSON.parse(text));
    look();
  });
  const exited = new Promise<string | number>((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ?? code ?? 0)),
  );
  const line: DevProcess['line'] = (holds) =>
    new Promise((resolve, reject) => {
      look = () => {
        const found = lines.find(holds);
        if (found) resolve(found);
      };
      void exited.then((how) =>
        reject(new Error(`crossdock dev ended (${how}): ${errors} ${JSON.stringify(lines.slice(-5))}`)),
      );
      look();
    });
  const ready = await line(({ ready }) => ready === true);
  const { broken } = lines.find(({ reloaded }) => reloaded === true) as { broken: string[] };
  if (broken.length > 0) throw new Error(`broken in the folder: ${broken.join(', ')}`);
  return {
    child,
    http: String(ready.http),
    admin: String(ready.admin),
    lines,
    exited,
    line,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** As a well-made sender: the same Idempotency-Key until it is answered. `url` is asked anew, for it changes with a restart. */
export async function post(
  url: () => string,
  no: string,
  body: unknown = { number: no },
  giveUp?: AbortSignal,
): Promise<number> {
  while (!giveUp?.aborted) {
    const status = await fetch(`${url()}/orders`, {
      method: 'POST',
      headers: { 'x-api-key': API_KEY, 'content-type': 'application/json', 'idempotency-key': no },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(5_000),
    }).then(
      ({ status }) => status,
      () => 0,
    );
    if (status !== 0 && status !== 503) return status;
    await sleep(100);
  }
  return 0;
}

/** What somebody put into a queue by hand may come here too. */
function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    return { text };
  }
}
