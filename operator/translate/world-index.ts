/**
 * A World made quick to ask: resources by name, and what follows from many resources at once (who claims what, which types flow
 * in and out, which integrations feed themselves). Everything that translation reads goes through `ask`, whose answers are
 * small values that can be compared: that is what makes incremental translation equal to translation from scratch.
 */
import type { Identifier, Integration, Kind, Partner, Resource } from '../../crds/generated/types.ts';
import { canonicalJson, sha256Hex } from '../../runtime/canonical.ts';
import { USAGE } from './defaults.ts';
import { hashOf } from './parts.ts';
import { replyCycles } from './reply-cycles.ts';
import type { World } from './translation.ts';

export type ResourceOf<K extends Kind> = Extract<Resource, { kind: K }>;

/** Inputs are never changed, so what was computed for an object stays true. */
const versions = new WeakMap<Resource, string>();
const versionOf = (resource: Resource): string => {
  let version = versions.get(resource);
  if (version === undefined) {
    const { name, namespace, labels, generation } = resource.metadata;
    version = sha256Hex(canonicalJson([name, namespace, labels, generation, resource.spec]));
    versions.set(resource, version);
  }
  return version;
};

/** What translation may ask. `print` of an answer changes whenever the answer does. */
export type Question =
  | { ask: 'resource'; key: string }
  | { ask: 'names'; kind: Kind; namespace: string }
  | { ask: 'secret'; name: string }
  | { ask: 'configMap'; name: string }
  | { ask: 'file'; path: string }
  | { ask: 'labels'; namespace: string }
  | { ask: 'queues'; logical: string }
  | { ask: 'broker' }
  | { ask: 'claims'; claim: string }
  | { ask: 'flows'; type: string }
  | { ask: 'cycle'; integration: string };

export interface Flows {
  /** Some integration takes it from partners. */
  inbound: boolean;
  /** Some integration sends it to partners. */
  outbound: boolean;
}

export class WorldIndex {
  readonly world: World;
  /** Sorted `Kind/name` of the world's own namespace. */
  readonly own: { kind: Kind; name: string }[];
  readonly #resources = new Map<string, Resource>();
  readonly #prints = new Map<string, string>();
  #names: Map<string, string[]> | undefined;
  #claims: Map<string, string[]> | undefined;
  #flows: Map<string, Flows> | undefined;
  #cycles: Map<string, string> | undefined;

  constructor(world: World) {
    this.world = world;
    const own: { kind: Kind; name: string }[] = [];
    const keyed = world.resources.map((resource) => {
      const { kind, metadata } = resource;
      return { key: resourceKey(kind, metadata.namespace ?? world.namespace, metadata.name), resource };
    });
    for (const { key, resource } of keyed.sort(byKey)) {
      if (this.#resources.has(key)) continue;
      this.#resources.set(key, resource);
      const { kind, metadata } = resource;
      if ((metadata.namespace ?? world.namespace) === world.namespace) own.push({ kind, name: metadata.name });
    }
    this.own = own;
  }

  resource<K extends Kind>(kind: K, namespace: string, name: string): ResourceOf<K> | undefined {
    return this.#resources.get(resourceKey(kind, namespace, name)) as ResourceOf<K> | undefined;
  }
  ownOf<K extends Kind>(kind: K): ResourceOf<K>[] {
    return this.own
      .filter((one) => one.kind === kind)
      .map((one) => this.resource(kind, this.world.namespace, one.name)!);
  }

  names(kind: Kind, namespace: string): string[] {
    if (!this.#names) {
      this.#names = new Map();
      for (const key of this.#resources.keys()) {
        const [kindOf, namespaceOf, name] = key.split('/') as [string, string, string];
        const at = `${kindOf}/${namespaceOf}`;
        const names = this.#names.get(at);
        if (names) names.push(name);
        else this.#names.set(at, [name]);
      }
    }
    return this.#names.get(`${kind}/${namespace}`) ?? [];
  }

  /** Sorted `Kind/name` of those that claim a thing; see the claim functions below. */
  claims(claim: string): string[] {
    this.#claims ??= collectClaims(this);
    return this.#claims.get(claim) ?? [];
  }
  flows(type: string): Flows {
    this.#flows ??= collectFlows(this);
    return this.#flows.get(type) ?? { inbound: false, outbound: false };
  }
  /** The way from an integration back to itself by replies, in words; '' where there is none. */
  cycle(integration: string): string {
    this.#cycles ??= replyCycles(this.ownOf('Integration'));
    return this.#cycles.get(integration) ?? '';
  }
  /** Physical names to consume, the current one last. */
  queues(logical: string): { current: number; draining: number[] } {
    const current = this.world.generations?.[logical];
    const draining = (this.world.draining?.[logical] ?? []).filter((generation) => generation !== current);
    return { current: current ?? 1, draining: [...new Set(draining)].sort((a, b) => a - b) };
  }

  /** Of what is large or asked by many. */
  #once(key: string, value: () => unknown): string {
    let print = this.#prints.get(key);
    if (print === undefined) {
      print = hashOf(value() ?? null);
      this.#prints.set(key, print);
    }
    return print;
  }
  print(question: Question): string {
    const { world } = this;
    switch (question.ask) {
      case 'resource': {
        const resource = this.#resources.get(question.key);
        return resource ? versionOf(resource) : '';
      }
      case 'names':
        return this.names(question.kind, question.namespace).join();
      case 'secret':
        return this.#once(`secret/${question.name}`, () => {
          const { keys = ['\0'], use } = own(world.secrets, question.name) ?? {};
          return [[...keys].sort(), use?.hosts ?? null];
        });
      case 'configMap':
        return this.#once(`configMap/${question.name}`, () => own(world.configMaps, question.name));
      case 'file':
        return this.#once(`file/${question.path}`, () => own(world.files ?? {}, question.path));
      case 'labels':
        return this.#once(`labels/${question.namespace}`, () => own(world.namespaceLabels ?? {}, question.namespace));
      case 'queues': {
        const { current, draining } = this.queues(question.logical);
        return `${current} ${draining}`;
      }
      case 'broker':
        return world.brokerVersion ?? '';
      case 'claims':
        return this.claims(question.claim).join();
      case 'flows': {
        const { inbound, outbound } = this.flows(question.type);
        return `${inbound} ${outbound}`;
      }
      case 'cycle':
        return this.cycle(question.integration);
    }
  }
}

/** Names come from users: `__proto__` is a name like any other. */
export const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

export const resourceKey = (kind: Kind, namespace: string, name: string): string => `${kind}/${namespace}/${name}`;
/** Of resources with one key (which no API server has) the contents decide, so that the order of input does not. */
const byKey = (a: { key: string; resource: Resource }, b: { key: string; resource: Resource }): number => {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  const [one, other] = [versionOf(a.resource), versionOf(b.resource)];
  return one < other ? -1 : one > other ? 1 : 0;
};

export const identifierClaim = (identifier: Identifier): string =>
  [
    'identifier',
    identifier.scheme,
    identifier.qualifier ?? '',
    identifier.system ?? '',
    identifier.value,
    identifier.usage ?? USAGE,
  ].join('|');
export const credentialClaim = (ref: { name: string; key: string }): string => `credential|${ref.name}|${ref.key}`;
export const pathClaim = (path: string): string => `path|${normalisePath(path)}`;
export const typeClaim = (type: string): string => `type|${type}`;
export const sourceClaim = (connector: string): string => `source|${connector}`;

/** Slashes at the end do not make another path. */
export const normalisePath = (path: string): string => path.replace(/\/+$/, '') || '/';

/** Whatever shape a spec has: its members that can be identifiers. */
export const identifierList = (of: unknown): Identifier[] =>
  Array.isArray(of) ? of.filter((one) => typeof one === 'object' && one !== null) : [];

/** All identifiers of a partner, its sites' among them. Tolerates whatever shape the spec has. */
export const identifiersOf = (partner: Partner): { identifier: Identifier; field: string }[] => {
  const found = identifierList(partner.spec?.identifiers).map((identifier, i) => ({
    identifier,
    field: `spec.identifiers[${i}]`,
  }));
  identifierList(partner.spec?.sites).forEach((site, s) => {
    identifierList((site as { identifiers?: unknown }).identifiers).forEach((identifier, i) => {
      found.push({ identifier, field: `spec.sites[${s}].identifiers[${i}]` });
    });
  });
  return found;
};

/** Runs over raw specs, which may have any shape: a resource that throws claims nothing, and says so in its own translation. */
function tolerate(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

function collectClaims(index: WorldIndex): Map<string, string[]> {
  const claims = new Map<string, string[]>();
  const claim = (key: string, kind: Kind, name: string): void => {
    const holder = `${kind}/${name}`;
    const holders = claims.get(key);
    if (!holders) claims.set(key, [holder]);
    else if (!holders.includes(holder)) holders.push(holder);
  };
  for (const organization of index.ownOf('Organization'))
    tolerate(() => {
      for (const identifier of organization.spec.identifiers)
        claim(identifierClaim(identifier), 'Organization', organization.metadata.name);
    });
  for (const partner of index.ownOf('Partner'))
    tolerate(() => {
      const { name } = partner.metadata;
      for (const { identifier } of identifiersOf(partner)) claim(identifierClaim(identifier), 'Partner', name);
      for (const credential of partner.spec.credentials ?? []) {
        const ref = credential.apiKey?.secretKeyRef;
        if (ref) claim(credentialClaim(ref), 'Partner', name);
      }
      const { connectorRef, inbound } = partner.spec.channel ?? {};
      const connector = inbound?.connectorRef.name ?? connectorRef?.name ?? '';
      const { directory, sftp, amqp } = index.resource('Connector', index.world.namespace, connector)?.spec ?? {};
      if ((directory ?? sftp)?.inbound !== undefined || amqp?.queue !== undefined)
        claim(sourceClaim(connector), 'Partner', name);
    });
  for (const integration of index.ownOf('Integration'))
    tolerate(() => {
      const { http, connector } = integration.spec.source;
      if (typeof http?.path === 'string') claim(pathClaim(http.path), 'Integration', integration.metadata.name);
      if (connector) claim(sourceClaim(connector.connectorRef.name), 'Integration', integration.metadata.name);
    });
  for (const type of index.ownOf('DocumentType'))
    tolerate(() => claim(typeClaim(`${type.spec.name}.v${type.spec.version}`), 'DocumentType', type.metadata.name));
  for (const holders of claims.values()) holders.sort();
  return claims;
}

/** Names of the DocumentTypes that come into an integration; what its `partner` destinations send. */
export const sourceTypes = (integration: Integration): string[] => {
  const { partners, events, documentTypeRef } = integration.spec.source;
  const refs = partners?.documentTypeRefs ?? events?.documentTypeRefs ?? (documentTypeRef ? [documentTypeRef] : []);
  return refs.map((ref) => ref.name);
};

function collectFlows(index: WorldIndex): Map<string, Flows> {
  const flows = new Map<string, Flows>();
  const mark = (type: string, direction: keyof Flows): void => {
    const flow = flows.get(type) ?? { inbound: false, outbound: false };
    flow[direction] = true;
    flows.set(type, flow);
  };
  for (const integration of index.ownOf('Integration'))
    tolerate(() => {
      for (const ref of integration.spec.source.partners?.documentTypeRefs ?? []) mark(ref.name, 'inbound');
      for (const destination of integration.spec.destinations)
        if (destination.partner) for (const type of sourceTypes(integration)) mark(type, 'outbound');
    });
  return flows;
}
