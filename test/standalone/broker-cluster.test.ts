/** A RabbitMQ 4 of three nodes under traffic: nodes that restart, and too many that are missing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { vhostOf } from '../../operator/apply/rabbitmq/namespace.ts';
import { managementOf } from '../support/broker.ts';
import { type ClusterNode, startBrokerCluster, type TestCluster } from '../support/broker-cluster.ts';
import { API_KEY, makeStand, post, type Stand, startDevHere, summary } from './support.ts';

vi.setConfig({ testTimeout: 240_000 });

interface QueueFacts {
  name: string;
  type: string;
  /** A stream's leader is its `node`. */
  leader?: string;
  node: string;
  members?: string[];
  online?: string[];
}

let cluster: TestCluster;
let stand: Stand;
let dev: Awaited<ReturnType<typeof startDevHere>>;
/** All that was accepted so far. */
const sent: string[] = [];

beforeAll(async () => {
  cluster = await startBrokerCluster();
  // One node answers all calls to the management API, as over one connection to a Service.
  stand = await makeStand({ uri: cluster.uri, managementUri: cluster.nodes[0]!.managementUri });
  dev = await startDevHere(stand);
});
afterAll(async () => {
  await dev?.stop();
  await stand?.[Symbol.asyncDispose]();
  await cluster?.[Symbol.asyncDispose]();
});

async function until<T>(what: string, probe: () => Promise<T | undefined | false>, deadlineMs = 40_000): Promise<T> {
  const end = Date.now() + deadlineMs;
  let last: unknown;
  for (;;) {
    const result = await probe().catch((error) => {
      last = error;
      return undefined;
    });
    if (result) return result;
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what} (${last})`);
    await sleep(100);
  }
}

const queues = (from: ClusterNode): Promise<QueueFacts[]> =>
  managementOf(from.managementUri).call('GET', `/queues/${encodeURIComponent(vhostOf(stand.namespace))}`);
const leaderOf = ({ leader, node }: QueueFacts): string => leader ?? node;
/** All queues, once each has all its members at work: what RabbitMQ's cluster operator waits for before the next node restarts. */
const whole = (from: ClusterNode, deadlineMs?: number): Promise<QueueFacts[]> =>
  until(
    'each queue has its three members',
    async () => {
      const all = await queues(from);
      const lacking = all.filter(({ online }) => online?.length !== 3).map(({ name, online }) => `${name}: ${online}`);
      if (all.length <= 10 || lacking.length > 0)
        throw new Error(`of ${all.length} queues lack members: ${lacking.join('; ')}`);
      return all;
    },
    deadlineMs,
  );

/** Sends document after document until told to end. */
function traffic(): { end(): Promise<void> } {
  const stop = new AbortController();
  const sender = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const number = `PO-${sent.length}`;
      sent.push(number);
      expect(await post(() => dev.http, number)).toBe(202);
      await sleep(60);
    }
  };
  const senders = Promise.all(Array.from({ length: 2 }, sender));
  // Failures are thrown at the end.
  senders.catch(() => {});
  onTestFinished(() => stop.abort());
  return {
    async end() {
      stop.abort();
      await senders;
    },
  };
}

/** Nothing lost and nothing doubled, at the sink that honours keys and in the accounts. */
async function allAccountedFor(): Promise<void> {
  const rows = await stand.until(
    (all) =>
      all.filter(({ destination, state }) => destination === 'orders/sink' && state === 'Delivered').length ===
      sent.length,
    40_000,
  );
  expect(summary(rows)).toEqual({ 'orders/sink Delivered': sent.length });
  const effects = stand.ledger.effects.filter(({ repeated }) => !repeated);
  expect(effects.map(({ body }) => body.number).sort()).toEqual([...sent].sort());
}

test('queues and streams have a member on each node, and leaders are spread', async () => {
  const all = await whole(cluster.nodes[0]!);
  for (const { name, members, online } of all)
    expect({ name, size: (members ?? online)!.length }).toEqual({ name, size: 3 });
  const leaders = cluster.nodes.map(({ node }) => all.filter((queue) => leaderOf(queue) === node).length);
  for (const count of leaders) expect(count).toBeGreaterThan(all.length / 6);
});

test('each node restarts in turn, under traffic: nothing is lost or doubled', async () => {
  const running = traffic();
  for (const node of cluster.nodes) {
    const before = sent.length;
    await node.restart();
    await whole(node);
    expect(sent.length).toBeGreaterThan(before);
  }
  await running.end();
  await allAccountedFor();
});

test('without a majority senders get 503 with Retry-After and readiness says why; with it again all goes on', async () => {
  const [first, second, third] = cluster.nodes as [ClusterNode, ClusterNode, ClusterNode];
  await Promise.all([second.kill(), third.kill()]);
  const refusal = await until('refused', async () => {
    const answer = await fetch(`${dev.http}/orders`, {
      method: 'POST',
      headers: { 'x-api-key': API_KEY, 'content-type': 'application/json', 'idempotency-key': 'PO-refused' },
      body: JSON.stringify({ number: 'PO-refused' }),
    });
    return answer.status === 503 && answer;
  });
  expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await refusal.json()).toMatchObject({ status: 503, detail: expect.stringContaining('send it again') });
  const ready = await fetch(`http://127.0.0.1:${dev.adminPort}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { ok: false, reasons: [expect.stringMatching(/^broker: publishing: /)] },
  ]);
  sent.push('PO-refused');
  const patient = post(() => dev.http, 'PO-refused');
  await second.restart();
  expect(await patient).toBe(202);
  await third.restart();
  await whole(first);
  await allAccountedFor();
});
