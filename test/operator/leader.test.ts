/** Election and fencing with real processes (pitfall 13). */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KubeClient } from '../../operator/kube/client.ts';
import { KubeError } from '../../operator/kube/errors.ts';
import { LeaderElection } from '../../operator/kube/leader.ts';
import { CONFIG_MAPS, LEASES } from '../../operator/kube/types.ts';
import { type ControlPlane, sharedControlPlane, type TestNamespace } from '../support/control-plane.ts';
import { faultProxy } from './fault-proxy.ts';
import { until } from './poll.ts';

let plane: ControlPlane;
let namespace: TestNamespace;
const children: ChildProcess[] = [];
beforeEach(async () => {
  plane = await sharedControlPlane();
  namespace = await plane.testNamespace();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await namespace.remove();
});

function process_(identity: string, mode = '') {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'leader-process.ts'), plane.kubeconfig, namespace.name, identity, mode],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  children.push(child);
  const lines: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => lines.push(...text.split('\n').filter(Boolean)));
  return { child, lines, leads: () => until(`${identity} leads`, () => lines.includes('leading'), 15_000) };
}

/** Writers in the order of their writes: resourceVersion is one counter for all. */
async function writes(): Promise<{ writer: string; version: number }[]> {
  const { body } = await plane.request<{
    items: { metadata: { labels: { writer: string }; resourceVersion: string } }[];
  }>('GET', `/api/v1/namespaces/${namespace.name}/configmaps?labelSelector=writer`);
  return body.items
    .map(({ metadata }) => ({ writer: metadata.labels.writer, version: Number(metadata.resourceVersion) }))
    .sort((a, b) => a.version - b.version);
}
const countOf = async (writer: string) => (await writes()).filter((write) => write.writer === writer).length;

/** Has the leader stop past its lease, lets another take over, wakes the first. Gives its writes after the other's first. */
async function overtaken(mode: string): Promise<number> {
  const a = process_('a', mode);
  await a.leads();
  const b = process_('b');
  await until('a writes', async () => (await countOf('a')) > 20);
  a.child.kill('SIGUSR2');
  await b.leads();
  await until('b writes', async () => (await countOf('b')) > 20);
  a.child.kill('SIGCONT');
  const before = await countOf('b');
  await until('b writes on', async () => (await countOf('b')) > before + 30);
  const all = await writes();
  const first = all.findIndex(({ writer }) => writer === 'b');
  return all.slice(first).filter(({ writer }) => writer === 'a').length;
}

test('a leader that was stopped past its lease writes nothing after another took over', async () => {
  expect(await overtaken('')).toBe(0);
}, 60_000);

test('without the fence it does: the test can fail', async () => {
  expect(await overtaken('unfenced')).toBeGreaterThan(0);
}, 60_000);

test('a write asks again right before it goes out, for its credentials may have taken long', async () => {
  await using proxy = await faultProxy(plane);
  let asked = 0;
  const client = proxy.client().fenced(() => {
    if (++asked > 1) throw new KubeError('Forbidden', 0, 'not the leader any more');
    return 10_000;
  });
  const late = { metadata: { generateName: 'late-', namespace: namespace.name } };
  await expect(client.create(CONFIG_MAPS, late)).rejects.toThrow('not the leader any more');
  expect(proxy.seen).toEqual([]);
});

test('the lease is released on shutdown, and the next takes over at once', async () => {
  const a = process_('a');
  await a.leads();
  const b = process_('b');
  await until('b looks on', () => b.lines.filter((line) => line === 'looked').length >= 2);
  a.child.kill('SIGTERM');
  const began = performance.now();
  await b.leads();
  expect(performance.now() - began).toBeLessThan(2_500);
}, 60_000);

test('a leader that cannot renew stops before its lease ends, by its own clock, and a lagging clock of another does not count', async () => {
  await using proxy = await faultProxy(plane);
  let now = 1_000_000;
  const changes: boolean[] = [];
  const election = (client: KubeClient, identity: string, clock: () => number) =>
    new LeaderElection({
      client,
      namespace: namespace.name,
      name: 'lease',
      identity,
      leaseMs: 15_000,
      writeMs: 10_000,
      retryMs: 50,
      now: clock,
      onChange: (leading) => changes.push(leading),
    });
  const a = election(proxy.client({ deadlineMs: 500 }), 'a', () => now);
  a.start();
  await until('a leads', () => a.isLeader());
  expect(a.fence()).toBeLessThanOrEqual(10_000);
  proxy.fault = () => ({ answer: 503 });
  await until('nothing is renewed any more', () => proxy.seen.length > 3);
  now += 9_990;
  expect(a.isLeader()).toBe(true);
  now += 20;
  expect(a.isLeader()).toBe(false);
  expect(() => a.fence()).toThrow(/not the leader/);
  await until('it is told', () => changes.at(-1) === false);

  // Another sees the lease for the first time: it waits a whole lease by its own clock, whatever renewTime says.
  let other = 5_000;
  await using window = await faultProxy(plane);
  const client = window.client();
  const b = election(client, 'b', () => other);
  // It looks one time after the other: when a second look began, one has ended since.
  const looks = async () => {
    const before = window.seen.length;
    await until('b looks', () => window.seen.length >= before + 2);
  };
  b.start();
  await looks();
  other += 14_900;
  await looks();
  expect(b.isLeader()).toBe(false);
  other += 200;
  await until('b leads', () => b.isLeader());
  const lease = await client.get(LEASES, namespace.name, 'lease');
  expect(lease.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  await b.stop();
  proxy.fault = () => undefined;
  await a.stop();
  await client.close();
}, 30_000);
