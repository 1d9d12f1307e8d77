/** The chart on real nodes: traffic goes on through whatever a platform team does. RabbitMQ and PostgreSQL are a release of their own. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KINDS } from '../../../crds/generated/schemas.ts';
import { random } from '../../../examples/inbound-distribution/simulators/world.ts';
import { qualified } from '../../../images/oci.ts';
import { addTo } from '../addons/addon.ts';
import { KEDA } from '../addons/keda.ts';
import { GENTLE } from '../chaos/faults.ts';
import { runChaos } from '../chaos/run.ts';
import { type Cluster, carrier, chosenCarrier } from '../cluster.ts';
import { auditLog } from '../configuration.ts';
import { addStorageAndMetrics, type Images, install, loadImages, makeNamespace, SYSTEM, trial } from '../deploy.ts';
import { openShop, type Shop } from '../shop.ts';
import type { SingleNode } from '../single-node.ts';
import { emptyPanels } from './dashboards.ts';
import { drainTest } from './drain.ts';
import { everyKind } from './every-kind.ts';
import { poolTests } from './pools.ts';
import { granted, used } from './rights.ts';
import { scalingTests } from './scaling.ts';

const { obstacle, up, down } = chosenCarrier();
const why = obstacle();
/** What needs the node's own network or log. */
const byKind = chosenCarrier() === carrier('kind');
const PARTS = 'parts';
let cluster: Cluster;
let images: Images;
let shop: Shop;
const say = (line: string) => console.log(`[cluster] ${line}`);
const numbers = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}-${at}`);
const release = (...values: string[]) => ({
  name: 'crossdock',
  namespace: SYSTEM,
  values: ['database.secretName=postgresql', ...values],
});

interface Pod {
  metadata: { name: string; uid: string; deletionTimestamp?: string };
  status: { conditions?: { type: string; status: string }[] };
}
const runtimes = async (): Promise<Pod[]> =>
  (
    JSON.parse(await shop.kubectl(['get', 'pods', '-l', 'app.kubernetes.io/component=runtime', '-o', 'json'])) as {
      items: Pod[];
    }
  ).items.filter(({ metadata }) => !metadata.deletionTimestamp);
const uids = async () => (await runtimes()).map(({ metadata }) => metadata.uid).sort();
const rolledOut = (deployment: string, namespace: string) =>
  cluster.get(['-n', namespace, 'rollout', 'status', `deployment/${deployment}`, '--timeout=90s']);
/** SIGKILL to the process of one runtime, by its number inside. */
async function killProcess(): Promise<void> {
  const script = `for each in /proc/[0-9]*; do
    tr '\\0' ' ' < $each/cmdline | grep -q 'main.mjs runtime' && kill -9 "\${each#/proc/}" && exit 0
  done 2> /dev/null; exit 1`;
  await cluster.onSomeNode(script);
}
/** Nothing may be lost, and what came twice must have come under one key. */
function expectOneEffectEach(taken: Awaited<ReturnType<Shop['taken']>>, sent: readonly string[]): void {
  for (const number of sent) {
    const keys = new Set(taken.filter((each) => each.number === number).map(({ idempotencyKey }) => idempotencyKey));
    expect(keys.size, `keys of order ${number}`).toBe(1);
  }
}

describe.skipIf(why !== undefined)(why ? `on nodes (not here: ${why})` : 'on nodes', () => {
  beforeAll(async () => {
    cluster = await up('suite', say);
    if (!byKind) {
      await addStorageAndMetrics(cluster, say);
      await addTo(cluster, KEDA, say);
    }
    images = await loadImages(cluster, say);
    for (const name of [SYSTEM, PARTS]) await makeNamespace(cluster, name);
    const none = ['operator.replicas=0', 'crds.install=false', ...trial(images)];
    await install(cluster, { name: 'parts', namespace: PARTS, values: none });
    const find = ['-n', PARTS, 'get', 'secret', 'parts-crossdock-postgresql', '-o', 'json'];
    const { data } = JSON.parse(await cluster.get(find)) as { data: object };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'postgresql', namespace: SYSTEM }, data };
    await cluster.get(['apply', '-f', '-'], JSON.stringify(secret));
  }, 300_000);
  afterAll(() => down('suite'), 60_000);

  it('a helm install delivers its first document within 60 s', async () => {
    const began = Date.now();
    await install(cluster, release());
    shop = await openShop(cluster, 'shop', { namespace: PARTS, secret: 'parts-crossdock-rabbitmq' });
    await shop.post(['first'], 100_000);
    await shop.untilTaken(['first']);
    const seconds = (Date.now() - began) / 1000;
    say(`helm install to the first document delivered: ${seconds.toFixed(1)} s`);
    expect(seconds).toBeLessThan(60);
    const test = await cluster.helm(['test', 'crossdock', '-n', SYSTEM, '--timeout', '90s']);
    expect(test.stdout).toMatch(/Phase:\s+Succeeded/);
    await shop.kubectl(['wait', '--for=condition=Ready', 'integration/order', '--timeout=60s']);
  }, 240_000);

  it('runtime pods killed under traffic lose nothing', async () => {
    await rolledOut('crossdock-runtime', 'shop');
    const rounds = 4;
    const sent: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const batch = numbers(`kill-${round}`, 60);
      sent.push(...batch);
      const posted = shop.post(batch, 120_000);
      await delay(300);
      if (round % 2 === 0) await killProcess();
      else await shop.kubectl(['delete', 'pod', (await runtimes())[0]!.metadata.name, '--grace-period=0', '--force']);
      await posted;
    }
    const taken = await shop.untilTaken(sent, 90_000);
    expectOneEffectEach(taken, sent);
    const effects = taken.filter(({ number }) => number.startsWith('kill'));
    say(`${rounds} kills, ${sent.length} orders, ${effects.length - sent.length} sent again under the same key`);
  }, 240_000);

  it.skipIf(byKind)(
    'a minute of faults under traffic: nothing is lost or doubled, and the accounts agree',
    async () => {
      const node = cluster as SingleNode;
      const { faults, lost, doubled, disagreements, recoveries } = await runChaos({
        ...{ cluster: node, shop, inboundKey: 'inbound-1', random: random(7), lastsMs: 45_000, kinds: GENTLE, say },
      });
      expect({ lost, doubled, disagreements }).toEqual({ lost: [], doubled: [], disagreements: [] });
      expect(faults.length).toBeGreaterThan(2);
      expect(recoveries).not.toContain(undefined);
    },
    400_000,
  );

  it('credentials of both sides are rotated without a restart, within 10 s', async () => {
    await rolledOut('crossdock-runtime', 'shop');
    const before = await uids();
    await shop.setSecret('erp', { apiKey: 'outbound-2', inboundApiKey: 'inbound-2' });
    const began = Date.now();
    // Posts are refused until the new inbound key is known.
    for (let at = 0; ; at++) {
      await shop.post([`rotate-${at}`], 10_000);
      const taken = await shop.untilTaken([`rotate-${at}`]);
      if (taken.find(({ number }) => number === `rotate-${at}`)!.apiKey === 'outbound-2') break;
      expect(Date.now() - began).toBeLessThan(10_000);
    }
    say(`rotated credentials are in use after ${((Date.now() - began) / 1000).toFixed(1)} s`);
    expect(await uids()).toEqual(before);
  }, 120_000);

  it('an upgrade of the operator alone restarts no runtime; one of the runtimes rolls them and loses nothing', async () => {
    const before = await uids();
    const pinned = `runtime.image=${qualified(images.crossdock.name)}`;
    await install(cluster, release(pinned, 'operator.replicas=1', 'operator.resources.requests.cpu=60m'));
    await rolledOut('crossdock-operator', SYSTEM);
    await shop.post(['after-operator']);
    await shop.untilTaken(['after-operator']);
    expect(await uids()).toEqual(before);

    const sent = numbers('roll', 80);
    const posted = shop.post(sent, 120_000);
    await install(cluster, release(pinned, 'operator.replicas=1', 'runtime.resources.requests.cpu=90m'));
    await rolledOut('crossdock-operator', SYSTEM);
    for (const end = Date.now() + 60_000; (await uids()).some((uid) => before.includes(uid)); await delay(500))
      expect(Date.now()).toBeLessThan(end);
    await posted;
    expectOneEffectEach(await shop.untilTaken(sent), sent);
  }, 240_000);

  drainTest(() => ({ cluster, shop }));

  poolTests(() => ({ cluster, shop }));

  // Windows of autoscalers are minutes where nothing else is said, and kind's are not ours to say.
  describe.skipIf(byKind)('pools of autoscalers', () => scalingTests(() => ({ cluster, shop, say })));

  it.skipIf(byKind)(
    'every query of every dashboard gives data',
    async () => {
      const posting = new AbortController();
      const traffic = (async () => {
        for (let at = 0; !posting.signal.aborted; at++) await shop.post([`watched-${at}`]);
      })();
      try {
        expect(await emptyPanels(cluster as SingleNode)).toEqual([]);
      } finally {
        posting.abort();
        await traffic;
      }
    },
    150_000,
  );

  it.skipIf(byKind)(
    'uses every right that it is granted, and lacks none',
    async () => {
      await makeNamespace(cluster, 'every-kind');
      const inThere = (...args: string[]) => ['-n', 'every-kind', ...args];
      await cluster.get(inThere('apply', '-f', '-'), everyKind());
      // The example names a broker of its own; here it is that of the suite.
      const broker = ['-n', PARTS, 'get', 'secret', 'parts-crossdock-rabbitmq', '-o', 'json'];
      const { data } = JSON.parse(await cluster.get(broker)) as { data: object };
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'rabbitmq' }, data };
      await cluster.get(inThere('apply', '-f', '-'), JSON.stringify(secret));
      const scaled = inThere('get', 'scaledobject', 'crossdock-runtime-heavy', '-o', 'name');
      const { items } = JSON.parse(await cluster.get(inThere('get', 'crossdock', '-o', 'json'))) as {
        items: { kind: string }[];
      };
      expect(new Set(items.map(({ kind }) => kind)).size, 'an object of each kind').toBe(KINDS.length);
      await expect.poll(async () => (await cluster.kubectl(scaled)).code, { timeout: 60_000, interval: 500 }).toBe(0);
      const judged = async () => {
        const all = JSON.parse(await cluster.get(inThere('get', 'crossdock', '-o', 'json'))) as {
          items: { status?: { conditions?: object[] } }[];
        };
        return all.items.every(({ status }) => status?.conditions?.length);
      };
      await expect.poll(judged, { timeout: 30_000, interval: 500 }).toBe(true);
      await cluster.get(inThere('delete', '-f', '-', '--wait=false'), everyKind());
      const gone = async () => (await cluster.get(inThere('get', 'deployments,services,pdb', '-o', 'name'))).trim();
      await expect.poll(gone, { timeout: 90_000, interval: 500 }).toBe('');

      const rights = {
        operator: await granted(
          cluster,
          ['clusterrole', 'crossdock-operator'],
          ['-n', SYSTEM, 'role', 'crossdock-operator-lease'],
        ),
        runtime: await granted(cluster, ['clusterrole', 'crossdock-runtime']),
      };
      // Giving a role is not a request of its own: the API server asks for it while a RoleBinding is made.
      rights.operator.delete('bind rbac.authorization.k8s.io/clusterroles');
      // What only people at the console do.
      for (const each of rights.runtime) if (each.includes(' crossdock.dev/')) rights.runtime.delete(each);
      // A Replay lasts longer than this test.
      rights.operator.delete('delete crossdock.dev/replays');
      // What is left of a namespace goes right after its workloads.
      const compared = () => {
        const log = auditLog(cluster.folder);
        const operator = used(log, (user) => user === `system:serviceaccount:${SYSTEM}:crossdock-operator`);
        const runtime = used(log, (user) => user.endsWith(':crossdock-runtime'));
        return {
          refused: [...operator.refused, ...runtime.refused],
          unused: [
            ...[...rights.operator].filter((each) => !operator.allowed.has(each)),
            ...[...rights.runtime].filter((each) => !runtime.allowed.has(each)),
          ],
        };
      };
      await expect.poll(compared, { timeout: 60_000, interval: 1_000 }).toEqual({ refused: [], unused: [] });
    },
    300_000,
  );

  it('uninstalling leaves kinds, resources, queues and what is in them; a new release goes on with it', async () => {
    // The ERP is away: an order waits in its queue.
    await shop.kubectl(['delete', 'service', 'erp']);
    await shop.post(['waits']);
    const { code, stderr } = await cluster.helm(['uninstall', 'crossdock', '-n', SYSTEM, '--wait']);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    for (const end = Date.now() + 90_000; (await runtimes()).length > 0; await delay(500))
      expect(Date.now(), 'the runtimes go with the release').toBeLessThan(end);
    expect(await shop.kubectl(['get', 'integrations,brokers,documenttypes', '-o', 'name'])).toContain(
      'integration.crossdock.dev/order',
    );
    const list = ['rabbitmqctl', '-q', 'list_queues', '-p', 'crossdock.shop', 'name', 'messages'];
    // The broker counts every few seconds.
    const queues = () => cluster.get(['-n', PARTS, 'exec', 'parts-crossdock-rabbitmq-0', '--', ...list]);
    const kept = /^(order:out:erp|retry:\S+)\s+1$/m;
    for (const end = Date.now() + 30_000, seen = { queues: '' }; !kept.test(seen.queues); await delay(500)) {
      seen.queues = await queues();
      expect(Date.now(), `the order is in a queue:\n${seen.queues}`).toBeLessThan(end);
    }
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'erp' } };
    await shop.apply({ ...service, spec: { selector: { app: 'erp' }, ports: [{ port: 80, targetPort: 8080 }] } });
    await install(cluster, release());
    await shop.untilTaken(['waits'], 120_000);
  }, 300_000);
});
