/** An ordered integration in a vhost of its own, pods that can be killed, and a sink that writes down what came when. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { loadFolder } from '../../crds/folder.ts';
import { applyTopology, type TopologyReport } from '../../operator/apply/rabbitmq/apply.ts';
import { managementClient } from '../../operator/apply/rabbitmq/client.ts';
import { parseQueueName } from '../../operator/apply/rabbitmq/topology.ts';
import { nextPlan } from '../../operator/reconcile/last-good.ts';
import { translateNamespace } from '../../operator/translate/translate.ts';
import { worldOf } from '../../operator/translate/world.ts';
import { connectBroker } from '../../runtime/broker/amqp.ts';
import type { Broker } from '../../runtime/broker/broker.ts';
import { deriveId, sha256Hex } from '../../runtime/canonical.ts';
import { inbox } from '../../runtime/names.ts';
import { documentMessage } from '../../runtime/pipeline/messages.ts';
import { testVhost } from '../support/broker.ts';
import { testDatabase } from '../support/database.ts';

export interface Level {
  sku: string;
  /** Of its key, from 1, in the order of acceptance. */
  n: number;
  /** Another key, for when that is changed. */
  shelf: string;
}
export interface Arrival extends Level {
  /** Idempotency key. */
  key: string;
  /** What it was answered. */
  status: number;
}

/** `more`: further lines of the integration's spec; `others`: further resources. */
const yaml = (url: string, ordering: string, more: string, others: string): string => `
apiVersion: crossdock.dev/v1alpha1
kind: Broker
metadata: {name: default}
spec: {connection: {secretRef: {name: rabbitmq}}}
---
apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: level-v1}
spec: {name: level, version: 1, json: {schema: {type: object}}, keys: [{name: item, expression: sku}]}
---
apiVersion: crossdock.dev/v1alpha1
kind: Connector
metadata: {name: shop}
spec: {http: {url: "${url}"}, timeout: 5s, limits: {concurrency: 16}}
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: stock}
spec:
  source: {http: {path: /levels}, documentTypeRef: {name: level-v1}}
  destinations:
  - {name: shop, system: {connectorRef: {name: shop}, http: {path: /levels}}}
  ${ordering}
  ${more}
${others}`;

export interface Pod {
  child: ChildProcess;
  /** Resolves with what ended it. */
  exited: Promise<string | number>;
  /** Takes a newer plan; resolves when it is in force. */
  apply(plan: string): Promise<void>;
}

export async function makeOrderingStand(answer: (level: Level, response: ServerResponse) => number | Promise<number>) {
  const folder = mkdtempSync(join(tmpdir(), 'crossdock-ordering-'));
  const place = await testVhost();
  const database = await testDatabase();
  const client = managementClient({ uri: place.managementUri });
  const arrivals: Arrival[] = [];
  const sink = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const level = JSON.parse(Buffer.concat(chunks).toString()) as Level;
    const arrival = { ...level, key: String(request.headers['idempotency-key']), status: 0 };
    arrivals.push(arrival);
    arrival.status = await answer(level, response);
    response.writeHead(arrival.status).end();
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`;
  let report: TopologyReport | undefined;
  let plans = 0;
  const pods = new Set<Pod>();
  let broker: Broker | undefined;
  const counts = new Map<string, number>();

  const stand = {
    arrivals,
    client,
    vhost: place.vhost,
    pods,
    /** Makes the topology and gives the plan, for the queue generations that there are then: what an operator does again and again. */
    async plan(ordering: string, more = '', others = ''): Promise<string> {
      const written = join(folder, 'resources');
      mkdirSync(written, { recursive: true });
      writeFileSync(join(written, 'stock.yaml'), yaml(url, ordering, more, others));
      const loaded = await loadFolder(written);
      for (;;) {
        const before = factsOf(report);
        const { generations, draining } = before;
        const world = worldOf(loaded, {
          namespace: 'ordering',
          brokerVersion: place.version,
          generations,
          draining,
        });
        const translation = translateNamespace(world);
        report = await applyTopology(client, place.vhost, translation.topology, {
          owner: 'test',
          previous: report,
          settleMs: 1_000,
        });
        if (!isDeepStrictEqual(factsOf(report), before)) continue;
        const { index, texts } = nextPlan(translation, undefined);
        if (!index.integrations.stock)
          throw new Error(JSON.stringify(translation.translations.flatMap(({ findings }) => findings)));
        const file = join(folder, `plan-${++plans}.json`);
        const parts = Object.fromEntries([...texts].map(([hash, text]) => [hash, JSON.parse(text)]));
        writeFileSync(file, JSON.stringify({ index, parts }));
        return file;
      }
    },
    /** Older generations of queues that are there. */
    draining: () => report?.draining.map(({ queue }) => queue) ?? [],
    /** Resolves when the plan is in force in it. */
    async start(plan: string, env: Record<string, string> = {}): Promise<Pod> {
      const child = spawn(
        process.execPath,
        ['--no-warnings', '--max-semi-space-size=8', join(import.meta.dirname, 'ordering-pod.ts')],
        {
          env: {
            ...process.env,
            LOG_LEVEL: process.env.TEST_LOG ? 'info' : 'silent',
            POD_PLAN: plan,
            POD_BROKER: place.uri,
            POD_DATABASE: database.url,
            POD_NAMESPACE: 'ordering',
            ...env,
          },
          stdio: ['pipe', 'pipe', 'inherit'],
        },
      );
      const lines = createInterface({ input: child.stdout! });
      let applied = Promise.withResolvers<void>();
      lines.on('line', (line) => {
        if (line === 'applied') applied.resolve();
        else if (process.env.TEST_LOG) console.error(line);
      });
      const exited = new Promise<string | number>((resolve) =>
        child.once('exit', (code, signal) => resolve(signal ?? code ?? 0)),
      );
      const pod: Pod = {
        child,
        exited,
        async apply(file) {
          applied = Promise.withResolvers();
          child.stdin!.write(`${file}\n`);
          await applied.promise;
        },
      };
      pods.add(pod);
      void exited.then(() => pods.delete(pod));
      await Promise.race([applied.promise, exited]);
      return pod;
    },
    /** Publishes as a runtime that accepts does. The levels are accepted in this order. */
    async accept(skus: readonly { sku: string; shelf?: string }[]): Promise<void> {
      broker ??= await connectBroker({ uri: place.uri, name: 'accepting', log: { info() {}, warn() {}, error() {} } });
      await Promise.all(
        skus.map(({ sku, shelf = '' }) => {
          const n = (counts.get(sku) ?? 0) + 1;
          counts.set(sku, n);
          const body = Buffer.from(JSON.stringify({ sku, n, shelf } satisfies Level));
          return broker!.publish(
            documentMessage(
              {
                id: deriveId('ordering', sku, n),
                type: 'level.v1',
                origin: 'system',
                source: 'stock',
                receivedAt: Date.now(),
                keys: { item: [sku] },
                bodyHash: sha256Hex(body),
                epoch: 0,
                contentType: 'application/json',
                body,
              },
              [inbox('stock')],
            ),
          );
        }),
      );
    },
    /** Of each key the numbers that took effect, each when it did so first. */
    effects(keyOf: (level: Level) => string = ({ sku }) => sku): Map<string, Level[]> {
      const seen = new Set<string>();
      const effects = new Map<string, Level[]>();
      for (const arrival of arrivals) {
        if (arrival.status !== 200 || seen.has(arrival.key)) continue;
        seen.add(arrival.key);
        const key = keyOf(arrival);
        effects.set(key, [...(effects.get(key) ?? []), arrival]);
      }
      return effects;
    },
    async until(what: string, holds: () => boolean | Promise<boolean>, deadlineMs = 60_000): Promise<void> {
      for (const end = Date.now() + deadlineMs; !(await holds()); ) {
        if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}; ${arrivals.length} arrivals`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async [Symbol.asyncDispose]() {
      for (const { child } of pods) child.kill('SIGKILL');
      await Promise.all([...pods].map(({ exited }) => exited));
      await broker?.close();
      sink.closeAllConnections();
      sink.close();
      await client.close();
      await place.remove();
      await database.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return stand;
}

function factsOf({ generations = {}, draining = [] }: Partial<TopologyReport> = {}) {
  const older: Record<string, number[]> = {};
  for (const { queue } of draining) {
    const { logical, generation } = parseQueueName(queue);
    older[logical] = [...(older[logical] ?? []), generation];
  }
  return { generations, draining: older };
}

/** mulberry32: the same numbers for the same seed. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}
