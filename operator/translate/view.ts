/**
 * The only eyes of a translator. Every answer is noted, so that the result can be kept until one of the answers changes. The
 * result for another resource can be asked too (`built`), and is noted by what matters of it.
 */
import type { Kind } from '../../crds/generated/types.ts';
import type { Part, PartHash } from '../../runtime/plan.ts';
import type { CalendarPlan, LinkPlan, PolicyPlan, ProcessPlan, TypePlan } from '../../tracker/plan.ts';
import type { Parts } from './parts.ts';
import { mergeParts, partHash } from './parts.ts';
import type { Problems } from './problems.ts';
import type { TranslatedReplay } from './replay.ts';
import type { Topology, World } from './translation.ts';
import type { Flows, Question, ResourceOf, WorldIndex } from './world-index.ts';
import { own, resourceKey } from './world-index.ts';

export interface ResourceKey {
  kind: Kind;
  namespace: string;
  name: string;
}

/** What a resource was made into. `part` only where nothing is wrong with it. */
export interface Built<P extends Part = Part> {
  problems: Problems;
  part?: P;
  hash?: PartHash;
  /** Its own part and all that it needs. */
  parts: Parts;
  topology?: Topology;
  /** Of a BusinessProcess without fault: for the tracker. */
  process?: ProcessPlan;
  /** Of an SLAPolicy without fault: for the tracker. */
  policy?: PolicyPlan;
  /** Of a Replay without fault: for the tracker. */
  replay?: TranslatedReplay;
  /** Of a DocumentType without fault, how its documents are kept and shown, if it says: for the tracker. */
  keeping?: { type: string } & TypePlan;
  /** Of a Connector without fault that has some: for the tracker. */
  links?: LinkPlan[];
  /** Of a Partner (over its profile) or Organization that has one: for the tracker. */
  calendar?: CalendarPlan;
}
export type BuiltBy = (key: ResourceKey) => Built;
export type Note = { question: Question; print: string } | { built: ResourceKey; print: string };

/** What others see of a result: the part, or its first problem. */
export function printOf({ hash, problems }: Built): string {
  const [first] = problems.errors;
  return first ? `${first.field}: ${first.message}` : (hash ?? '');
}

export class View {
  readonly namespace: string;
  readonly notes: Note[] = [];
  readonly #index: WorldIndex;
  readonly #builtBy: BuiltBy;
  readonly #asked = new Set<string>();

  constructor(namespace: string, index: WorldIndex, builtBy: BuiltBy) {
    this.namespace = namespace;
    this.#index = index;
    this.#builtBy = builtBy;
  }
  #note(question: Question): void {
    const key = Object.values(question).join('\0');
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    this.notes.push({ question, print: this.#index.print(question) });
  }

  /** The namespace that is translated; `namespace` may be that of a shared definition. */
  get worldNamespace(): string {
    return this.#index.world.namespace;
  }
  resource<K extends Kind>(kind: K, name: string, namespace = this.namespace): ResourceOf<K> | undefined {
    this.#note({ ask: 'resource', key: resourceKey(kind, namespace, name) });
    return this.#index.resource(kind, namespace, name);
  }
  names(kind: Kind, namespace = this.namespace): string[] {
    this.#note({ ask: 'names', kind, namespace });
    return this.#index.names(kind, namespace);
  }
  /** Of the translated namespace. */
  secret(name: string): Readonly<World['secrets'][string]> | undefined {
    this.#note({ ask: 'secret', name });
    return own(this.#index.world.secrets, name);
  }
  /** Of the translated namespace only: what another namespace shares are its resources. */
  configMap(name: string): Readonly<Record<string, string>> | undefined {
    if (this.namespace !== this.worldNamespace) return undefined;
    this.#note({ ask: 'configMap', name });
    return own(this.#index.world.configMaps, name);
  }
  file(path: string): string | undefined {
    this.#note({ ask: 'file', path });
    return own(this.#index.world.files ?? {}, path);
  }
  labels(namespace: string): Readonly<Record<string, string>> {
    this.#note({ ask: 'labels', namespace });
    return own(this.#index.world.namespaceLabels ?? {}, namespace) ?? {};
  }
  queues(logical: string): { current: number; draining: number[] } {
    this.#note({ ask: 'queues', logical });
    return this.#index.queues(logical);
  }
  brokerVersion(): string | undefined {
    this.#note({ ask: 'broker' });
    return this.#index.world.brokerVersion;
  }
  claims(claim: string): string[] {
    this.#note({ ask: 'claims', claim });
    return this.#index.claims(claim);
  }
  flows(type: string): Flows {
    this.#note({ ask: 'flows', type });
    return this.#index.flows(type);
  }
  cycle(integration: string): string {
    this.#note({ ask: 'cycle', integration });
    return this.#index.cycle(integration);
  }
  built<P extends Part>(key: ResourceKey): Built<P> {
    const built = this.#builtBy(key) as Built<P>;
    this.notes.push({ built: key, print: printOf(built) });
    return built;
  }
}

/** A result without fault becomes a part; a faulty one has only its problems. */
export function finish<P extends Part>(problems: Problems, part: () => P, needs: Iterable<Parts> = []): Built<P> {
  if (!problems.none) return { problems, parts: {} };
  const made = part();
  const hash = partHash(made);
  return { problems, part: made, hash, parts: mergeParts([...needs, { [hash]: made }]) };
}
