/** An API of its own over a database with the business of two partners: acme has PO-1 (overbilled), globex PO-2 (open, one letter dead). */
import type pg from 'pg';
import { canonicalJson, sha256Hex } from '../../runtime/canonical.ts';
import type { JournalEntry } from '../../runtime/journal/entry.ts';
import { canonicalPayload, type PayloadEntry, sentPayload } from '../../runtime/journal/payload.ts';
import { hashPassword, type LocalUser } from '../../tracker/api/auth/users.ts';
import type { HoldRequest, Me, Role } from '../../tracker/api/contract.ts';
import type { ApiOptions } from '../../tracker/api/options.ts';
import { type ApiServer, serveApi } from '../../tracker/api/serve.ts';
import type { Known, Surroundings } from '../../tracker/api/surroundings.ts';
import { PAYLOAD_STREAM } from '../../tracker/payloads.ts';
import type { ProcessPlan, TrackerPlan } from '../../tracker/plan.ts';
import { PROCESS } from '../../tracker/process/life.ts';
import { Processes } from '../../tracker/process/processes.ts';
import { JOURNAL_STREAM, openTrackerDatabase, writeBatchOf } from '../../tracker/store.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { entry, log, NAMESPACE, until } from './support.ts';

export const DAY = '2026-03-09';
const AT = Date.parse('2026-03-02T08:00:00Z');
const plan: ProcessPlan = {
  ...PROCESS,
  documents: PROCESS.documents.map((one) => (one.role === 'Order' ? { ...one, shipTo: 'warehouse' } : one)),
};
const links = [{ connector: 'erp', name: 'ERP', keyName: 'purchaseOrder', url: 'https://erp.example.com/po/{value}' }];
export const PLAN: TrackerPlan = { processes: [plan], types: { 'order.v1': { sensitive: ['/contact/email'] } }, links };
export const SECRET = 'jane.doe@example.com';
export const X12 = `ISA*00*          *00*          *ZZ*EXDIST         *ZZ*ACME           *260302*0800*U*00401*000000001*0*P*>~GS*PO*EXDIST*ACME*20260302*0800*1*X*004010~ST*850*0001~BEG*00*SA*PO-1**20260302~PER*BD*Jane*EM*${SECRET}~SE*4*0001~GE*1*1~IEA*1*000000001~`;

interface Told {
  entries: JournalEntry[];
  payloads: PayloadEntry[];
}
function told(
  id: string,
  type: string,
  source: string,
  key: string,
  at: number,
  body: object,
  more: Partial<JournalEntry>[] = [],
  keys = {},
): Told {
  const [origin, name] = source.split('/') as ['partner' | 'system', string];
  const about = { type, origin, source: name };
  const bytes = Buffer.from(canonicalJson(body));
  const document = {
    ...about,
    id,
    receivedAt: at,
    keys: {},
    epoch: 0,
    bodyHash: sha256Hex(bytes),
    body: bytes,
    contentType: 'application/json',
  };
  return {
    entries: [
      entry(id, '', 'Accepted', { ...about, at, keys: { purchaseOrder: [key], ...keys } }),
      ...more.map(({ destination = '', outcome = 'Delivered', ...rest }) =>
        entry(id, destination, outcome, { ...about, at: at + 1_000, ...rest }),
      ),
    ],
    payloads: [canonicalPayload(document, at)],
  };
}

export function business(): Told[] {
  const order = (key: string, partner: string, at: number) => {
    const one = told(
      `order-${key}`,
      'order.v1',
      'system/erp',
      key,
      at,
      {
        orderNumber: key,
        currency: 'EUR',
        expectedDelivery: DAY,
        warehouse: 'BER1',
        contact: { email: SECRET },
        lines: [{ orderLine: 1, quantity: 10, unit: 'EA', gtin: 'item-1', price: '2.50' }],
      },
      [{ destination: 'order/supplier', detail: { partner } }],
    );
    const sent = { body: Buffer.from(X12), contentType: 'application/EDI-X12' };
    const { id, type, origin, source } = one.payloads[0]!;
    const archived = { id: one.entries[0]!.document, type, origin, source, epoch: 0, bodyHash: one.payloads[0]!.hash };
    void id;
    return { ...one, payloads: [...one.payloads, sentPayload(archived, 'order/supplier', sent, at + 1_000)] };
  };
  const line = { orderNumber: 'PO-1', orderLine: 1, unit: 'EA', gtin: 'item-1' };
  return [
    order('PO-1', 'acme', AT),
    order('PO-2', 'globex', AT + 60_000),
    told('response-1', 'response.v1', 'partner/acme', 'PO-1', AT + 3_600_000, { orderNumber: 'PO-1' }),
    told(
      'notice-1',
      'notice.v1',
      'partner/acme',
      'PO-1',
      AT + 7_200_000,
      { shipmentNumber: 'S-1', orders: [{ orderNumber: 'PO-1', lines: [{ ...line, quantity: 10 }] }] },
      [{ destination: 'notice/wms' }],
      { shipment: ['S-1'], sscc: ['340123450000000018'] },
    ),
    told('receipt-1', 'receipt.v1', 'system/wms', 'PO-1', AT + 86_400_000, {
      shipmentNumber: 'S-1',
      lines: [{ ...line, accepted: 8, damaged: 2 }],
    }),
    told('invoice-1', 'invoice.v1', 'partner/acme', 'PO-1', AT + 90_000_000, {
      orderNumber: 'PO-1',
      currency: 'EUR',
      lines: [{ ...line, quantity: 10, price: '2.50' }],
    }),
    told('response-2', 'response.v2', 'partner/globex', 'PO-3', AT + 90_000_000, { n: 1 }, [
      {
        destination: 'response/erp',
        outcome: 'DeadLettered',
        error: { class: 'DeliveryFailed', code: 'http.422', message: 'the ERP says: vendor blocked' },
      },
    ]),
  ];
}

class Around implements Surroundings {
  readonly known: Known[] = [
    ...(['acme', 'globex'] as const).map(
      (name): Known => ({
        kind: 'Partner',
        name,
        spec: { identifiers: [{ scheme: 'X12', value: name }] },
        conditions: [],
      }),
    ),
    {
      kind: 'Integration',
      name: 'order',
      spec: { source: { http: { path: '/orders' } }, destinations: [{ name: 'supplier', partner: {} }] },
      conditions: [{ type: 'Ready', status: 'True', reason: 'Ready', message: '' }],
    },
    { kind: 'Connector', name: 'erp', spec: { http: {} }, conditions: [] },
  ];
  read = async () => [...this.known];
  queues = async () => [{ name: 'order:inbox', messages: 3 }];
  async hold({ targetKind, targetName, reason, until }: HoldRequest, by: string): Promise<Known> {
    const spec = { targetRef: { kind: targetKind, name: targetName }, reason, ...(until && { until }) };
    const hold: Known = { kind: 'Hold', name: `hold-${this.known.length}`, spec, conditions: [], by };
    this.known.push(hold);
    return hold;
  }
  async endHold(name: string): Promise<boolean> {
    const i = this.known.findIndex((one) => one.kind === 'Hold' && one.name === name);
    if (i >= 0) this.known.splice(i, 1);
    return i >= 0;
  }
}

export const PASSWORD = 'correct horse battery staple';
export async function users(): Promise<LocalUser[]> {
  const password = await hashPassword(PASSWORD);
  const user = (name: string, roles: Role[], more: Partial<LocalUser> = {}): LocalUser => ({
    user: name,
    displayName: name,
    password,
    roles,
    mayReadPayloads: false,
    ...more,
  });
  return [
    user('vera', ['Viewer']),
    user('olga', ['Operator'], { mayReadPayloads: true }),
    user('otto', ['Operator']),
    user('acme-user', ['Partner'], { partner: 'acme', mayReadPayloads: true }),
    user('globex-user', ['Partner'], { partner: 'globex', mayReadPayloads: true }),
  ];
}

/** A browser of one user: keeps its cookie, sends its CSRF token. */
export interface Browser {
  me: Me;
  cookie: string;
  fetch(path: string, init?: RequestInit & { json?: unknown; csrf?: string }): Promise<Response>;
  get<T>(path: string): Promise<T>;
}
export interface Stand {
  url: string;
  database: pg.Pool;
  databaseUrl: string;
  server: ApiServer;
  login(user: string, password?: string): Promise<Browser>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startStand({ port = 0, ...more }: Partial<ApiOptions> & { port?: number } = {}): Promise<Stand> {
  const own: TestDatabase = await testDatabase();
  const database = await openTrackerDatabase(own.url);
  await seed(database);
  const server = await serveApi(
    {
      namespace: NAMESPACE,
      database,
      log,
      plan: () => PLAN,
      office: () => undefined,
      surroundings: new Around(),
      login: { users: await users() },
      limits: {
        Read: { perMinute: 60_000, burst: 10_000 },
        Act: { perMinute: 60_000, burst: 10_000 },
        Login: { perMinute: 60_000, burst: 10_000 },
      },
      ...more,
    },
    { host: '127.0.0.1', port },
  );
  const url = `http://127.0.0.1:${server.port}`;
  return {
    url,
    database,
    databaseUrl: own.url,
    server,
    login: (user, password = PASSWORD) => login(url, user, password),
    async [Symbol.asyncDispose]() {
      await server.stop();
      await database.end();
      await own.remove();
    },
  };
}

async function login(url: string, user: string, password: string): Promise<Browser> {
  const answer = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, password }),
  });
  if (answer.status !== 201) throw new Error(`${user}: ${answer.status} ${await answer.text()}`);
  const me = (await answer.json()) as Me;
  return browser(url, me, answer.headers.getSetCookie()[0]!.split(';')[0]!);
}
export function browser(url: string, me: Me, cookie: string): Browser {
  const call: Browser['fetch'] = (path, { json, csrf = me.csrf, headers, ...init } = {}) =>
    fetch(path.startsWith('http') ? path : `${url}/api/v1${path}`, {
      redirect: 'manual',
      ...init,
      headers: {
        cookie,
        'x-csrf-token': csrf,
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...(headers as Record<string, string>),
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
  return {
    me,
    cookie,
    fetch: call,
    async get<T>(path: string) {
      const answer = await call(path);
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    },
  };
}

async function seed(database: pg.Pool): Promise<void> {
  const all = business();
  const after = { offset: 1n, message: 'm1' };
  const batch = { odd: [], gap: undefined, before: undefined, after };
  await writeBatchOf(JOURNAL_STREAM, database, NAMESPACE, { ...batch, entries: all.flatMap(({ entries }) => entries) });
  await writeBatchOf(PAYLOAD_STREAM, database, NAMESPACE, {
    ...batch,
    entries: all.flatMap(({ payloads }) => payloads),
  });
  const processes = new Processes({ namespace: NAMESPACE, database, log });
  processes.use(PLAN);
  await until('all folded', async () => {
    const { rowCount } = await database.query('select from touched where namespace = $1', [NAMESPACE]);
    return rowCount === 0 && processes.adopted;
  });
  await processes.stop();
}
