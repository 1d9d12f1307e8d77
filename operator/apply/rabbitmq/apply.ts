/**
 * Makes a vhost what the topology says, over the management API. Calling it again is the repair of drift: it reads what is there
 * and writes only what differs, nothing at all when nothing does. A broker that is away makes it reject with ManagementError.
 *
 * Ownership: the first applier leaves an exchange `crossdock-owner:<owner>` in the vhost. An applier that finds the mark of
 * another changes nothing and says whose it is. To hand a vhost over, delete the mark.
 */
import type { Topology } from '../../translate/translation.ts';
import {
  bindingRank,
  type Changes,
  type Conflict,
  changesBetween,
  type ForeignPolicy,
  type Leftover,
  placed,
} from './changes.ts';
import type { ActualExchange, ActualQueue, ManagementClient } from './client.ts';

export type { Conflict, Counts, ForeignPolicy, Leftover } from './changes.ts';

export interface ApplyOptions {
  /** Who applies: the cluster's id, or that of a standalone folder. */
  owner: string;
  /** Queues of ours that are not in the topology. Default `Retain`. `Delete` takes their messages with them. */
  unwanted?: 'Retain' | 'DeleteEmpty' | 'Delete' | undefined;
  /** The last report about this vhost: a queue is deleted only when it was empty for a while. */
  previous?: TopologyReport | undefined;
  /** How long. Default 15 s, three times the interval at which the broker counts. */
  settleMs?: number | undefined;
  /** Default Date.now. */
  now?: (() => number) | undefined;
}

export interface TopologyReport {
  /** Whose vhost it is, if not ours: nothing else was looked at. */
  otherOwner?: string;
  /** Calls that changed something. */
  writes: number;
  /** What was made: `queue x`, `exchange y`, `binding a → b (key)`. Sorted by kind. */
  created: string[];
  removed: string[];
  /** Immutable differences. With `NewGeneration` the new queue is in place already. */
  conflicts: Conflict[];
  /** Old generations that still exist: to be consumed besides the current one. */
  draining: Leftover[];
  /** Queues that no resource wants any more. */
  retained: Leftover[];
  /** Policies that others set and that are in force on queues of ours: their guarantees do not hold. */
  foreignPolicies: ForeignPolicy[];
  /** Messages of each queue, as the broker counted them some seconds ago. */
  depths: Depth[];
  /** Current generation by logical name, where it is not 1: what the translator must be told. */
  generations: Record<string, number>;
}

export interface Depth {
  queue: string;
  ready: number;
  unacknowledged: number;
  /** Sent on to another queue that has not confirmed them. */
  deadLettering: number;
}
const depthOf = (queue: ActualQueue): Depth => ({
  queue: queue.name,
  ready: queue.messages_ready ?? 0,
  unacknowledged: queue.messages_unacknowledged ?? 0,
  deadLettering: queue.messages_dlx ?? 0,
});

const MARK = 'crossdock-owner:';
const SETTLE_MS = 15_000;
const AT_ONCE = 8;

export async function applyTopology(
  client: ManagementClient,
  vhost: string,
  desired: Topology,
  options: ApplyOptions,
): Promise<TopologyReport> {
  const [exchanges, queues, bindings, policies, operatorPolicies] = await Promise.all([
    client.exchanges(vhost),
    client.queues(vhost),
    client.bindings(vhost),
    client.policies(vhost),
    client.operatorPolicies(vhost),
  ]);
  const report: TopologyReport = {
    writes: 0,
    created: [],
    removed: [],
    conflicts: [],
    draining: [],
    retained: [],
    foreignPolicies: [],
    depths: queues.map(depthOf),
    generations: {},
  };
  const owner = await claim(client, vhost, exchanges, options.owner, report);
  if (owner !== options.owner) return { ...report, otherOwner: owner };

  const previous = options.previous;
  const changes = changesBetween({ exchanges, queues, bindings, policies, operatorPolicies }, desired, {
    now: (options.now ?? Date.now)(),
    previous: previous ? [...previous.draining, ...previous.retained] : [],
    unwanted: options.unwanted ?? 'Retain',
    settleMs: options.settleMs ?? SETTLE_MS,
  });
  await execute(client, vhost, changes, report);
  const gone = new Set(report.removed);
  const remains = ({ queue }: Leftover) => !gone.has(`queue ${queue}`);
  return {
    ...report,
    conflicts: changes.conflicts,
    draining: changes.draining.filter(remains),
    retained: changes.retained.filter(remains),
    foreignPolicies: changes.foreignPolicies,
    generations: changes.generations,
  };
}

/** Gives the owner. If two claim at once, the lesser name has it. */
async function claim(
  client: ManagementClient,
  vhost: string,
  exchanges: readonly ActualExchange[],
  owner: string,
  report: TopologyReport,
): Promise<string> {
  const holder = (present: readonly ActualExchange[]): string | undefined =>
    present
      .filter(({ name }) => name.startsWith(MARK))
      .map(({ name }) => name.slice(MARK.length))
      .sort()[0];
  const held = holder(exchanges);
  if (held !== undefined) return held;
  await client.putExchange(vhost, { name: MARK + owner, type: 'fanout', durable: true, arguments: {} });
  report.writes++;
  const first = holder(await client.exchanges(vhost)) ?? owner;
  if (first !== owner) {
    await client.deleteExchange(vhost, MARK + owner);
    report.writes++;
  }
  return first;
}

/** Exchanges, queues, bindings from the end of the way to its beginning; then what is in the way. */
async function execute(
  client: ManagementClient,
  vhost: string,
  changes: Changes,
  report: TopologyReport,
): Promise<void> {
  const write = async (what: string, list: string[], call: () => Promise<void>) => {
    await call();
    report.writes++;
    list.push(what);
  };
  await each(changes.exchanges, (exchange) =>
    write(`exchange ${exchange.name}`, report.created, () => client.putExchange(vhost, exchange)),
  );
  await each(changes.queues, (queue) =>
    write(`queue ${queue.name}`, report.created, () => client.putQueue(vhost, placed(queue))),
  );
  for (const rank of [...new Set(changes.bind.map(bindingRank))].sort((a, b) => a - b))
    await each(
      changes.bind.filter((binding) => bindingRank(binding) === rank),
      (binding) => {
        const { source, destination, destinationType, routingKey } = binding;
        const made = { source, destination, destination_type: destinationType, routing_key: routingKey };
        const what = `binding ${source} → ${destination} (${routingKey})`;
        return write(what, report.created, () => client.putBinding(vhost, made));
      },
    );
  await each(changes.unbind, (binding) => {
    const what = `binding ${binding.source} → ${binding.destination} (${binding.routing_key})`;
    return write(what, report.removed, () => client.deleteBinding(vhost, binding));
  });
  await each(changes.remove, async ({ queue, ifEmpty }) => {
    // Quorum queues refuse `if-empty`.
    if (ifEmpty && (await client.hasReady(vhost, queue))) return;
    await write(`queue ${queue}`, report.removed, () => client.deleteQueue(vhost, queue));
  });
}

async function each<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, queue.length) }, worker));
}
