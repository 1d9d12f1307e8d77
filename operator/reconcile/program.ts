/**
 * Brings a namespace's plan into force: translate, make tenant and topology at the broker, publish the plan. A broker's fault
 * is an obstacle that the statuses tell, never an exception; the plan in force then stays, unless the new one needs nothing
 * of the broker.
 */
import type { Broker } from '../../crds/generated/types.ts';
import { canonicalJson } from '../../runtime/canonical.ts';
import type { Part, PartHash, RootEntry } from '../../runtime/plan.ts';
import { closure } from '../../runtime/published.ts';
import type { RootKey } from '../../runtime/state.ts';
import { applyTopology, type TopologyReport } from '../apply/rabbitmq/apply.ts';
import { mergeTopologies, parseQueueName } from '../apply/rabbitmq/topology.ts';
import type { Fence } from '../kube/client.ts';
import type { BrokerObservation, Obstacle } from '../status/observation.ts';
import { createTranslator, type Translator } from '../translate/translate.ts';
import type { NamespaceTranslation, Topology } from '../translate/translation.ts';
import { BrokerProblem, type Brokers, type Link } from './brokers.ts';
import { entriesOf, type InForce, type NextPlan, nextPlan, oversizedRoots } from './last-good.ts';
import { obstaclesOf } from './obstacles.ts';
import { topologyOfPlan } from './plan-topology.ts';
import { PART_LIMIT, type Publisher } from './publish.ts';
import { brokerRefOf, isLive, type Sources } from './sources.ts';
import { type Tenants, vhostFor } from './tenant.ts';
import type { Values } from './values.ts';
import { buildWorld, chooseBroker, type QueueFacts } from './world.ts';

export interface ProgramDeps {
  sources: Sources;
  values: Values;
  brokers: Brokers;
  tenants: Tenants;
  publisher: Publisher;
  /** Checked before each write at a broker. */
  fence: Fence;
  /** Who owns vhosts: the cluster's identity. */
  owner: () => string;
  /** A queue that was seen empty for so long is empty: twice the interval at which brokers count, which is 5 s unless changed. */
  emptyMs: number;
  /** Told of every topology that was looked at, and of namespaces that have none any more: for metrics. */
  onForgotten: (namespace: string) => void;
  onApplied: (namespace: string, report: TopologyReport) => void;
}

export interface Outcome {
  translation: NamespaceTranslation;
  /** Entries of the index in force now. */
  inForce: Record<RootKey, RootEntry>;
  /** Names of the Mappings in the plan in force. */
  mappings: ReadonlyMap<RootKey, string[]>;
  obstacles: Obstacle[];
  broker?: BrokerObservation;
  /** Where the topology was applied, and what was found. */
  applied?: Applied;
  /** The Broker that ought to serve, also when it cannot. */
  chosen?: Broker;
  /** When it is worth another try. */
  retryMs?: number;
}
export interface Applied {
  broker: Broker;
  vhost: string;
  report: TopologyReport;
}

interface Memory {
  translator: Translator;
  vhost?: string;
  report?: TopologyReport;
  facts: QueueFacts;
  /** The topology applied last: a plan that has the same needs nothing of the broker. */
  topology?: string;
}
interface Draft {
  translation: NamespaceTranslation;
  plan: NextPlan;
  topology: Topology;
  oversized: ReadonlySet<RootKey>;
}
type AtBroker = Draft & { report?: TopologyReport; link: Link };

const ROUNDS = 3;

export class Programmer {
  readonly #deps: ProgramDeps;
  readonly #memories = new Map<string, Memory>();

  constructor(deps: ProgramDeps) {
    this.#deps = deps;
  }

  forget(namespace: string): void {
    this.#memories.delete(namespace);
    this.#deps.onForgotten(namespace);
  }

  /** `retiring`: something that owns queues is being deleted, so that even a Broker that is being deleted is of use. */
  async program(namespace: string, retiring: boolean): Promise<Outcome> {
    const { sources, brokers, publisher, tenants } = this.#deps;
    const memory = this.#memory(namespace);
    const terminating = sources.isTerminating(namespace);
    const inForce = await publisher.inForce(namespace);
    const { broker, message } = chooseBroker(sources, namespace, retiring);
    const needed = retiring || inForce !== undefined || hasRoots(sources, namespace);
    let draft: Draft;
    const outcome: Pick<Outcome, 'obstacles' | 'broker' | 'applied' | 'retryMs' | 'chosen'> = {
      obstacles: [],
      ...(broker && { chosen: broker }),
    };
    try {
      if (!broker) throw new BrokerProblem('BrokerNotFound', message, 60_000);
      const vhost = vhostFor(broker, namespace);
      const done = await brokers.use(broker, (link) =>
        needed
          ? this.#atBroker(namespace, broker, link, inForce, terminating)
          : this.#draftWith(namespace, link, inForce),
      );
      draft = done;
      outcome.broker = observed(broker, done.link, needed ? vhost : undefined);
      if (done.report) {
        outcome.obstacles.push(...obstaclesOf(done.report, vhost));
        if (done.report.otherOwner === undefined) outcome.applied = { broker, vhost, report: done.report };
        else outcome.broker.problem = { ...outcome.obstacles[0]! };
      }
    } catch (error) {
      if (!(error instanceof BrokerProblem)) throw error;
      const problem = { status: 'False' as const, reason: error.reason, message: error.message };
      outcome.obstacles.push(problem);
      outcome.retryMs = error.retryMs;
      if (broker) outcome.broker = { name: broker.metadata.name, namespace: broker.metadata.namespace!, problem };
      draft = await this.#draft(namespace, memory.facts, inForce);
    }
    outcome.obstacles.push(...this.#misnamed(namespace, broker), ...tooLarge(draft.oversized));
    let { index, texts } = inForce ?? { index: undefined, texts: new Map<string, string>() };
    if (needed && !terminating && (outcome.applied || memory.topology === canonicalJson(draft.topology))) {
      await publisher.publish(namespace, draft.plan);
      await publisher.collect(namespace, draft.plan);
      await tenants.ensureToken(namespace);
      ({ index, texts } = draft.plan);
    }
    const entries = entriesOf(index);
    return { ...outcome, translation: draft.translation, inForce: entries, mappings: mappingsOf(entries, texts) };
  }

  async #atBroker(
    namespace: string,
    broker: Broker,
    link: Link,
    inForce: InForce | undefined,
    terminating: boolean,
  ): Promise<AtBroker> {
    const { tenants, fence, owner, emptyMs } = this.#deps;
    const memory = this.#memory(namespace);
    const vhost = vhostFor(broker, namespace);
    fence();
    // In a namespace that is being deleted nothing can be made any more, only cleaned up.
    if (terminating && !(await link.client.hasVhost(vhost))) return this.#draftWith(namespace, link, inForce);
    if (!terminating) {
      const { otherOwner } = await tenants.ensure(link, broker, namespace, owner());
      if (otherOwner !== undefined) {
        const report = { ...NOTHING, otherOwner };
        return { ...(await this.#draftWith(namespace, link, inForce)), report };
      }
    }
    if (memory.vhost !== vhost) Object.assign(memory, { vhost, report: undefined, facts: NO_FACTS });
    for (let round = 1; ; round++) {
      const draft = await this.#draft(namespace, { ...memory.facts, brokerVersion: link.version }, inForce);
      fence();
      const { report: previous } = memory;
      const report = await applyTopology(link.client, vhost, draft.topology, {
        owner: owner(),
        previous,
        settleMs: emptyMs,
      });
      this.#deps.onApplied(namespace, report);
      const facts = { ...factsOf(report), brokerVersion: link.version };
      const known = canonicalJson(memory.facts) === canonicalJson(facts);
      Object.assign(memory, { report, facts, topology: canonicalJson(draft.topology) });
      // What the broker has decides which queues the plan names: then it is made again.
      if (known || round === ROUNDS) return { ...draft, report, link };
    }
  }

  async #draftWith(namespace: string, link: Link, inForce: InForce | undefined): Promise<AtBroker> {
    const draft = await this.#draft(
      namespace,
      { ...this.#memory(namespace).facts, brokerVersion: link.version },
      inForce,
    );
    return { ...draft, link };
  }

  async #draft(namespace: string, facts: QueueFacts, inForce: InForce | undefined): Promise<Draft> {
    const { sources, values } = this.#deps;
    const world = await buildWorld(sources, values, namespace, facts);
    const translation = this.#memory(namespace).translator.translate(world);
    const oversized = oversizedRoots(translation, PART_LIMIT);
    const plan = nextPlan(translation, inForce, oversized);
    const entries = entriesOf(plan.index);
    const part = (hash: string): Part | undefined => parse(plan.texts.get(hash));
    const kept = plan.kept.map((root) => topologyOfPlan(part(entries[root]!.hash)!, part, facts.brokerVersion));
    const topology = kept.length === 0 ? translation.topology : mergeTopologies(translation.topology, ...kept);
    return { translation, plan, topology, oversized };
  }

  /** One Broker per namespace: an Integration that names another is not served. */
  #misnamed(namespace: string, broker: Broker | undefined): Obstacle[] {
    const chosen = broker && `${broker.metadata.namespace}/${broker.metadata.name}`;
    return this.#deps.sources
      .of('Integration', namespace)
      .filter((integration) => brokerRefOf(integration) !== undefined && brokerRefOf(integration) !== chosen)
      .map((integration) => ({
        roots: [`Integration/${integration.metadata.name}`],
        status: 'False',
        reason: 'BrokerNotFound',
        message: `brokerRef names ${brokerRefOf(integration)}, but a namespace has one Broker, and here that is ${chosen ?? 'none'}`,
      }));
  }

  #memory(namespace: string): Memory {
    const memory = this.#memories.get(namespace) ?? { translator: createTranslator(), facts: NO_FACTS };
    this.#memories.set(namespace, memory);
    return memory;
  }
}

const NO_FACTS: QueueFacts = { generations: {}, draining: {} };
const NOTHING: TopologyReport = {
  writes: 0,
  created: [],
  removed: [],
  conflicts: [],
  draining: [],
  retained: [],
  foreignPolicies: [],
  depths: [],
  generations: {},
};

function factsOf(report: TopologyReport): QueueFacts {
  const draining: QueueFacts['draining'] = {};
  for (const { queue } of report.draining) {
    const { logical, generation } = parseQueueName(queue);
    draining[logical] = [...(draining[logical] ?? []), generation].sort((a, b) => a - b);
  }
  return { generations: report.generations, draining };
}

const hasRoots = (sources: Sources, namespace: string): boolean =>
  [...sources.of('Integration', namespace), ...sources.of('Partner', namespace)].some(isLive);

const observed = (
  { metadata }: Broker,
  { version, secret, secretVersion }: Link,
  virtualHost?: string,
): BrokerObservation => ({
  name: metadata.name,
  namespace: metadata.namespace!,
  version,
  credentials: `${secret} (version ${secretVersion})`,
  ...(virtualHost !== undefined && { virtualHost }),
});

const tooLarge = (roots: ReadonlySet<RootKey>): Obstacle[] =>
  [...roots].map((root) => ({
    roots: [root],
    status: 'False',
    reason: 'PlanTooLarge',
    message: `a part of the plan is longer than ${PART_LIMIT} bytes: shorten the schema, mapping or table that it is made from`,
  }));

function mappingsOf(entries: Record<RootKey, RootEntry>, texts: ReadonlyMap<string, string>): Map<RootKey, string[]> {
  const names = new Map<RootKey, string[]>();
  const named = new Map<PartHash, readonly PartHash[]>();
  const nameOf = new Map<PartHash, string | undefined>();
  const mappingIn = (hash: PartHash): string | undefined => {
    const text = texts.get(hash)!;
    const part = text.includes('"part":"mapping"') ? (JSON.parse(text) as Part) : undefined;
    return part?.part === 'mapping' ? part.name : undefined;
  };
  for (const [root, { hash }] of Object.entries(entries) as [RootKey, RootEntry][]) {
    const found: string[] = [];
    for (const part of closure([hash], (each) => texts.get(each), named)) {
      if (!nameOf.has(part)) nameOf.set(part, mappingIn(part));
      const name = nameOf.get(part);
      if (name !== undefined) found.push(name);
    }
    names.set(root, found);
  }
  return names;
}

const parse = (text: string | undefined): Part | undefined =>
  text === undefined ? undefined : (JSON.parse(text) as Part);
