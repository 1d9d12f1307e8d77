/** One round of chaos on a node: faults one after another, now and then two at once, while orders come; then all three sides are compared. */
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Shop, Taken } from '../shop.ts';
import type { SingleNode } from '../single-node.ts';
import { drawn, type FaultKind, PARTS, type Stage, untilWhole } from './faults.ts';
import { postOrders } from './traffic.ts';
import { type Account, type Fault, judge, recoveryMs, type Sent, type Verdict } from './verdict.ts';

export interface ChaosOptions {
  cluster: SingleNode;
  shop: Shop;
  inboundKey: string;
  random: () => number;
  /** For so long faults are inflicted. */
  lastsMs: number;
  kinds?: readonly FaultKind[];
  say: (line: string) => void;
}
export interface ChaosResult extends Verdict {
  faults: Fault[];
  sent: Sent[];
  /** Of each fault, in their order; undefined: nothing was delivered after it. */
  recoveries: (number | undefined)[];
}

/** A queue that was just declared may be lost with its only broker (docs/decisions/0005): nothing is done to it before. */
const SETTLE_MS = 6_000;
/** Traffic goes on so much longer, so that orders come after the last fault, too. */
const AFTERWARDS_MS = 60_000;
const DRAIN_MS = 180_000;
/** One fault in five comes with another. */
const TWICE = 0.2;

export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { cluster, shop, random, lastsMs, say } = options;
  const stage: Stage = { cluster, shop, random };
  await delay(SETTLE_MS);
  const began = Date.now();
  const posting = postOrders(cluster, shop.namespace, options.inboundKey, lastsMs + AFTERWARDS_MS);
  posting.catch(() => {});
  const faults: Fault[] = [];
  const kinds = drawn(random, options.kinds);
  const next = (): FaultKind => kinds.next().value as FaultKind;
  const inflict = async (kind: FaultKind): Promise<Fault> => {
    const at = Date.now();
    await kind.inflict(stage);
    const endedAt = Date.now();
    await kind.restored(stage);
    return { name: kind.name, at, endedAt, restoredAt: Date.now() };
  };
  while (Date.now() - began < lastsMs) {
    await delay(1_000 + random() * 3_000);
    const together = [next(), ...(random() < TWICE ? [next()] : [])];
    const done = await Promise.all(together.map(inflict));
    for (const { name, endedAt, restoredAt } of done)
      say(
        `${name}${together.length > 1 ? ', with the next or the last' : ''}: restored ${((restoredAt - endedAt) / 1_000).toFixed(1)} s after`,
      );
    faults.push(...done);
    // What was declared anew must be safe before the next one comes.
    await delay(SETTLE_MS);
  }
  await untilWhole(stage);
  const sent = await posting;
  say(`${sent.length} orders were answered 202; waiting until all sides say the same`);
  const { taken, accounts } = await settled(stage, sent);
  return {
    ...judge(sent, taken, accounts),
    faults,
    sent,
    recoveries: faults.map((fault) => recoveryMs(fault, sent, taken)),
  };
}

/** Until all agree, or until the deadline. */
async function settled(
  { cluster, shop }: Stage,
  sent: readonly Sent[],
): Promise<{ taken: Taken[]; accounts: Account[] }> {
  for (const end = Date.now() + DRAIN_MS; ; await delay(2_000)) {
    const [taken, accounts] = [await shop.taken(), await accountsOf(cluster, shop)];
    const { lost, disagreements } = judge(sent, taken, accounts);
    if ((lost.length === 0 && disagreements.length === 0) || Date.now() > end) return { taken, accounts };
  }
}

async function accountsOf(cluster: SingleNode, shop: Shop): Promise<Account[]> {
  const { data } = JSON.parse(await shop.kubectl(['get', 'secret', 'crossdock-database', '-o', 'json'])) as {
    data: { url: string; trackerSchema: string };
  };
  const [url, schema] = [data.url, data.trackerSchema].map((text) => Buffer.from(text, 'base64').toString());
  // The node itself does not ask the cluster's DNS.
  const service = ['-n', PARTS, 'get', 'service', 'parts-crossdock-postgresql', '-o', 'jsonpath={.spec.clusterIP}'];
  const address = new URL(url!);
  address.hostname = await cluster.get(service);
  const script = fileURLToPath(new URL('accounts.ts', import.meta.url));
  const args = ['--no-warnings', script, address.href, schema!, shop.namespace];
  const { code, stdout, stderr } = await cluster.machine.run(process.execPath, args);
  if (code !== 0) throw new Error(`the accounts cannot be read: ${stderr.trim()}`);
  return JSON.parse(stdout) as Account[];
}
