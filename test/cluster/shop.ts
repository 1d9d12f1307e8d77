/** A namespace with the smallest flow: orders come by HTTP and go to an ERP, a pod that keeps what it took in memory. */

import { setTimeout as delay } from 'node:timers/promises';
import { HOSTS_ANNOTATION, USE_LABEL } from '../../crds/secret-use.ts';
import { version } from '../../images/crossdock.ts';
import { qualified } from '../../images/oci.ts';
import type { Cluster } from './cluster.ts';
import { makeNamespace } from './deploy.ts';

export interface Taken {
  number: string;
  /** Of the request: the same for each try of one effect. */
  idempotencyKey: string;
  apiKey: string;
  /** Unix ms. */
  at: number;
}
export interface Shop {
  readonly namespace: string;
  apply(...objects: object[]): Promise<void>;
  kubectl: Cluster['get'];
  /** Posts orders one after another until each is answered 202; gives when the first was (Unix ms). Gives up after the deadline. */
  post(numbers: readonly string[], deadlineMs?: number, path?: string): Promise<number>;
  /** What the ERP took. */
  taken(): Promise<Taken[]>;
  /** Waits until the ERP took all of them. */
  untilTaken(numbers: readonly string[], deadlineMs?: number): Promise<Taken[]>;
  /** How long the ERP takes to answer at /slow, in ms. What waits is answered when another time is told. */
  erpTakes(time: number | 'until told'): Promise<void>;
  setSecret(name: string, values: Record<string, string>): Promise<void>;
}

const ERP = `
const taken = [];
const waiting = [];
let takes = 0;
require('node:http').createServer((request, response) => {
  if (request.method === 'GET') return response.end(JSON.stringify(taken));
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
    const body = JSON.parse(Buffer.concat(chunks));
    if (request.method === 'PUT') {
      takes = body;
      for (const answer of waiting.splice(0)) answer();
      return response.end();
    }
    const { 'idempotency-key': idempotencyKey, 'x-api-key': apiKey } = request.headers;
    taken.push({ number: body.number, idempotencyKey, apiKey, at: Date.now() });
    const answer = () => response.writeHead(201).end();
    if (request.url !== '/slow') answer();
    else if (typeof takes === 'number') setTimeout(answer, takes);
    else waiting.push(answer);
  });
}).listen(8080);
process.on('SIGTERM', () => process.exit(0));
`;

const POST = `
const [url, key, deadline, ...numbers] = process.argv.slice(1);
const end = Date.now() + Number(deadline);
let first;
let last = 'never asked';
(async () => {
  for (const number of numbers) for (;;) {
    const headers = { 'content-type': 'application/json', 'x-api-key': key, 'idempotency-key': 'order-' + number };
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ number }), signal: AbortSignal.timeout(5000) })
      .then(async (found) => (last = found.status + ' ' + (await found.text()), found.status), (error) => (last = String(error.cause ?? error), 0));
    if (answer === 202) { first ??= Date.now(); break; }
    if (Date.now() > end) throw new Error('order ' + number + ': ' + last);
    await new Promise((next) => setTimeout(next, 100));
  }
  console.log(first);
})().catch((error) => { console.error(error.message); process.exit(1); });
`;

/** `broker` names the Secret of an administrator. */
export async function openShop(
  cluster: Cluster,
  namespace: string,
  broker: { namespace: string; secret: string },
): Promise<Shop> {
  /** In the ERP's pod, which has a program for it and the cluster's DNS. */
  const inside = async (script: string, ...args: string[]): Promise<string> => {
    const command = ['-n', namespace, 'exec', 'erp', '--', '/usr/bin/node', '-e', script, ...args];
    const { code, stdout, stderr } = await cluster.kubectl(command, undefined, 180_000);
    if (code !== 0) throw new Error(stderr.trim());
    return stdout.trim();
  };
  let inboundKey = 'inbound-1';
  const shop: Shop = {
    namespace,
    kubectl: (args, input) => cluster.get(['-n', namespace, ...args], input),
    async apply(...objects) {
      await shop.kubectl(['apply', '-f', '-'], objects.map((object) => JSON.stringify(object)).join('\n---\n'));
    },
    async post(numbers, deadlineMs = 60_000, path = '/orders') {
      return Number(await inside(POST, `http://crossdock-http${path}`, inboundKey, `${deadlineMs}`, ...numbers));
    },
    async taken() {
      return JSON.parse(
        await inside("fetch('http://127.0.0.1:8080').then((a) => a.text()).then(console.log)"),
      ) as Taken[];
    },
    async untilTaken(numbers, deadlineMs = 60_000) {
      let trouble = '';
      for (const end = Date.now() + deadlineMs; ; await delay(200)) {
        // The API server's way to the node may be cut for a moment.
        const taken = await shop.taken().catch((error: Error) => {
          trouble = error.message;
          return [];
        });
        const missing = numbers.filter((number) => !taken.some((each) => each.number === number));
        if (missing.length === 0) return taken;
        if (Date.now() > end)
          throw new Error(`the ERP lacks ${missing.length} orders: ${missing.slice(0, 5)} ${trouble}`);
      }
    },
    async erpTakes(time) {
      const put = "fetch('http://127.0.0.1:8080', { method: 'PUT', body: process.argv[1] }).then((a) => a.text())";
      await inside(put, JSON.stringify(time));
    },
    async setSecret(name, stringData) {
      if (stringData.inboundApiKey) inboundKey = stringData.inboundApiKey;
      const metadata = { name, labels: { [USE_LABEL]: 'true' }, annotations: { [HOSTS_ANNOTATION]: 'erp' } };
      await shop.apply({ apiVersion: 'v1', kind: 'Secret', metadata, stringData });
    },
  };

  await makeNamespace(cluster, namespace);
  const secret = ['-n', broker.namespace, 'get', 'secret', broker.secret, '-o', 'json'];
  const { data } = JSON.parse(await cluster.get(secret)) as { data: object };
  await shop.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'rabbitmq' }, data });
  await shop.setSecret('erp', { apiKey: 'outbound-1', inboundApiKey: inboundKey });
  await shop.apply(...erp(), ...flow());
  await shop.kubectl(['wait', '--for=condition=Ready', 'pod/erp', '--timeout=55s']);
  return shop;
}

const erp = (): object[] => [
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'erp', labels: { app: 'erp' } },
    spec: {
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'erp',
          image: qualified(`crossdock:${version()}`),
          command: ['/usr/bin/node', '-e', ERP],
          ports: [{ containerPort: 8080 }],
          readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'erp' },
    spec: { selector: { app: 'erp' }, ports: [{ port: 80, targetPort: 8080 }] },
  },
];

const apiVersion = 'crossdock.dev/v1alpha1';
const apiKey = (key: string) => ({ secretKeyRef: { name: 'erp', key } });

/** From an HTTP path to the ERP. */
export const httpIntegration = (name: string, path: string, more: object = {}): object => ({
  apiVersion,
  kind: 'Integration',
  metadata: { name },
  spec: {
    source: {
      http: { path, auth: { apiKey: apiKey('inboundApiKey') } },
      documentTypeRef: { name: 'order-v1' },
    },
    destinations: [{ name: 'erp', system: { connectorRef: { name: 'erp' } } }],
    delivery: { retry: 20, backoffDelay: '1s', backoffMax: '2s' },
    ...more,
  },
});

const flow = (): object[] => {
  return [
    {
      apiVersion,
      kind: 'Broker',
      metadata: { name: 'default' },
      spec: { connection: { secretRef: { name: 'rabbitmq' } } },
    },
    {
      apiVersion,
      kind: 'DocumentType',
      metadata: { name: 'order-v1' },
      spec: {
        name: 'order',
        version: 1,
        json: {
          schema: { type: 'object', required: ['number'], properties: { number: { type: 'string' } } },
        },
        keys: [{ name: 'number', expression: 'number' }],
      },
    },
    {
      apiVersion,
      kind: 'Connector',
      metadata: { name: 'erp' },
      spec: { http: { url: 'http://erp', auth: { apiKey: { header: 'X-API-Key', ...apiKey('apiKey') } } } },
    },
    httpIntegration('order', '/orders'),
  ];
};
