/** What is done to a cluster, and how it is known to be over. Each says itself when what it took away is there again. */
import { setTimeout as delay } from 'node:timers/promises';
import { SYSTEM } from '../deploy.ts';
import type { Shop } from '../shop.ts';
import type { SingleNode } from '../single-node.ts';

/** Where RabbitMQ and PostgreSQL are. */
export const PARTS = 'parts';
const BROKER = 'parts-crossdock-rabbitmq-0';
const VHOST = 'crossdock.shop';
/** Of an integration that nobody posts to, and of steps that nothing comes to: what is in a deleted queue is gone by definition, so these are empty. */
const EMPTY_QUEUES = ['idle:inbox', 'idle:out:erp', 'retry:6h', 'retry:24h', 'parked', 'dead-letters'];
const RESTORED_WITHIN_MS = 120_000;

export interface Stage {
  cluster: SingleNode;
  shop: Shop;
  /** In [0, 1). */
  random: () => number;
}
export interface FaultKind {
  name: string;
  /** Resolves when nothing stands in the way any more. */
  inflict(stage: Stage): Promise<void>;
  /** Resolves when it is as before. */
  restored(stage: Stage): Promise<void>;
}

interface Pod {
  metadata: { name: string; namespace: string; uid: string; deletionTimestamp?: string };
  status: {
    conditions?: { type: string; status: string }[];
    containerStatuses?: { containerID?: string }[];
  };
}
/** A workload by the label of its pods. */
interface Workload {
  namespace: string;
  selector: string;
  pods: number;
}
const component = (namespace: string, name: string, pods: number): Workload => ({
  namespace,
  selector: `app.kubernetes.io/component=${name}`,
  pods,
});
const RUNTIME = component('shop', 'runtime', 2);
const TRACKER = component('shop', 'tracker', 1);
const OPERATOR = component(SYSTEM, 'operator', 2);
const RABBITMQ = component(PARTS, 'rabbitmq', 1);
const POSTGRESQL = component(PARTS, 'postgresql', 1);

async function podsOf({ cluster }: Stage, { namespace, selector }: Workload): Promise<Pod[]> {
  const { items } = JSON.parse(await cluster.get(['-n', namespace, 'get', 'pods', '-l', selector, '-o', 'json'])) as {
    items: Pod[];
  };
  return items.filter(({ metadata }) => !metadata.deletionTimestamp);
}
const isReady = ({ status }: Pod): boolean =>
  status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
const one = <T>(all: readonly T[], random: () => number): T => all[Math.floor(random() * all.length)]!;

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  let last = '';
  for (const end = Date.now() + RESTORED_WITHIN_MS; ; await delay(250)) {
    if (
      await holds().catch((error: Error) => {
        last = ` (${error.message})`;
        return false;
      })
    )
      return;
    if (Date.now() > end) throw new Error(`not within ${RESTORED_WITHIN_MS / 1_000} s: ${what}${last}`);
  }
}
const untilReady = (stage: Stage, workload: Workload): Promise<void> =>
  until(`${workload.pods} pods of ${workload.selector} are ready`, async () => {
    const pods = await podsOf(stage, workload);
    return pods.filter(isReady).length >= workload.pods;
  });

/** The first process of a pod's container, as the node numbers it. */
const FIRST = (container: string): string =>
  `pid=$(grep -ls '${container}' /proc/[0-9]*/cgroup | cut -d/ -f3 | sort -n | head -1); [ -n "$pid" ] || exit 1;`;
const containerOf = ({ status }: Pod): string =>
  (status.containerStatuses?.[0]?.containerID ?? '').split('//')[1] ?? '';

async function someRunning(stage: Stage, workload: Workload): Promise<Pod> {
  await until(`a pod of ${workload.selector} runs`, async () => (await podsOf(stage, workload)).some(isReady));
  return one((await podsOf(stage, workload)).filter(isReady), stage.random);
}

/** SIGKILL to all of it, at once with the pod's end: it comes again as another pod, without a moment to finish anything. */
const kill = (name: string, workload: Workload): FaultKind => ({
  name: `kill ${name}`,
  async inflict(stage) {
    const pod = await someRunning(stage, workload);
    const { namespace, name: victim } = pod.metadata;
    const find = FIRST(containerOf(pod));
    await stage.cluster.get(['-n', namespace, 'delete', 'pod', victim, '--grace-period=1', '--wait=false']);
    // It may have ended by itself meanwhile.
    await stage.cluster.onSomeNode(`${find} kill -9 $pid || true`).catch(() => {});
    await until(`${victim} is gone`, async () =>
      (await podsOf(stage, workload)).every(({ metadata }) => metadata.uid !== pod.metadata.uid),
    );
  },
  restored: (stage) => untilReady(stage, workload),
});

/** Nothing goes to the pod or comes from it for some seconds; whoever waits for it hears nothing. */
const cut = (name: string, workload: Workload): FaultKind => ({
  name: `cut ${name} off`,
  async inflict(stage) {
    const pod = await someRunning(stage, workload);
    const find = `${FIRST(containerOf(pod))}
      index=$(nsenter -t $pid -n ip -o link show eth0 | sed -n 's/.*eth0@if\\([0-9]*\\):.*/\\1/p')
      link=$(ip -o link show | sed -n "s/^$index: \\([^@:]*\\).*/\\1/p"); [ -n "$link" ] || exit 1;`;
    const { stdout } = await stage.cluster.onSomeNode(`${find} echo $link; ip link set $link down`);
    await delay(4_000 + stage.random() * 8_000);
    // A pod that was ended meanwhile took it along.
    await stage.cluster.onSomeNode(`ip link set ${stdout.trim()} up || true`);
  },
  restored: (stage) => untilReady(stage, workload),
});

const inBroker = (stage: Stage, ...command: string[]): Promise<string> =>
  stage.cluster.get(['-n', PARTS, 'exec', BROKER, '--', 'rabbitmqctl', '-q', ...command]);
/** Another fault may end the broker, and the command with it. */
const untilDone = (stage: Stage, ...command: string[]): Promise<void> =>
  until(`rabbitmqctl ${command.join(' ')}`, () => inBroker(stage, ...command).then(() => true));
const FREE = '200MB';

const diskAlarm: FaultKind = {
  name: 'disk alarm',
  async inflict(stage) {
    await untilDone(stage, 'set_disk_free_limit', '100000GB');
    await delay(4_000 + stage.random() * 6_000);
    await untilDone(stage, 'set_disk_free_limit', FREE);
  },
  restored: () => Promise.resolve(),
};

const queues = async (stage: Stage): Promise<string[]> =>
  (await inBroker(stage, 'list_queues', '-p', VHOST, 'name')).split('\n').map((line) => line.trim());

function deleteQueue(): FaultKind {
  let victim = '';
  return {
    name: 'delete an empty queue',
    async inflict(stage) {
      victim = one(EMPTY_QUEUES, stage.random);
      await until(`${victim} is there`, async () => (await queues(stage)).includes(victim));
      // When the command ended with the broker, it may have been done: then there is no such queue, or another of that name.
      await untilDone(stage, 'delete_queue', '-p', VHOST, victim);
    },
    restored: (stage) => until(`${victim} is there again`, async () => (await queues(stage)).includes(victim)),
  };
}

function deletePlan(): FaultKind {
  let before: string[] = [];
  const names = async ({ shop }: Stage) =>
    (await shop.kubectl(['get', 'configmaps', '-o', 'name']))
      .split('\n')
      .filter((name) => /crossdock-(part|plan)/.test(name));
  return {
    name: 'delete ConfigMaps of the plan',
    async inflict(stage) {
      before = await names(stage);
      await stage.shop.kubectl(['delete', ...before, '--ignore-not-found']);
    },
    restored: (stage) =>
      until('the plan is published again', async () => {
        const now = await names(stage);
        return before.every((name) => now.includes(name));
      }),
  };
}

export const FAULTS: readonly FaultKind[] = [
  kill('a runtime', RUNTIME),
  kill('the operator', OPERATOR),
  kill('the tracker', TRACKER),
  kill('the broker', RABBITMQ),
  kill('PostgreSQL', POSTGRESQL),
  cut('a runtime', RUNTIME),
  cut('the tracker', TRACKER),
  cut('the broker', RABBITMQ),
  cut('PostgreSQL', POSTGRESQL),
  diskAlarm,
  deleteQueue(),
  deletePlan(),
];
/** Those that need no integration without traffic. */
export const GENTLE: readonly FaultKind[] = FAULTS.filter(({ name }) => name !== 'delete an empty queue');
const EVERYTHING: readonly Workload[] = [RUNTIME, TRACKER, OPERATOR, RABBITMQ, POSTGRESQL];
export const untilWhole = async (stage: Stage): Promise<void> => {
  for (const workload of EVERYTHING) await untilReady(stage, workload);
};

/** Kinds in an order that the random numbers say, each once before any comes again. */
export function* drawn(random: () => number, kinds: readonly FaultKind[] = FAULTS): Generator<FaultKind> {
  for (;;) {
    const left = [...kinds];
    while (left.length > 0) yield left.splice(Math.floor(random() * left.length), 1)[0]!;
  }
}
