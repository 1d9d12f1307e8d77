/** What translation may look at, for one namespace: its live resources, what others share with it, names and versions. */
import type { Broker, Resource } from '../../crds/generated/types.ts';
import { secretUseOf } from '../../crds/secret-use.ts';
import type { World } from '../translate/translation.ts';
import { brokerRefOf, configMapsOf, isLive, isShared, KINDS, type Sources } from './sources.ts';
import type { Values } from './values.ts';

/** What only the broker knows. */
export interface QueueFacts {
  generations: Record<string, number>;
  draining: Record<string, number[]>;
  brokerVersion?: string;
}

export async function buildWorld(
  sources: Sources,
  values: Values,
  namespace: string,
  facts: QueueFacts,
): Promise<World> {
  const own = sources.resources(namespace).filter(isLive);
  const resources: Resource[] = [...own, ...foreign(sources, namespace)];
  const secrets: World['secrets'] = {};
  for (const { metadata, data } of sources.secrets.all(namespace)) {
    const use = secretUseOf(metadata);
    const keys = Object.keys(data ?? {}).sort();
    secrets[metadata.name] = { keys, version: metadata.resourceVersion!, ...(use && { use }) };
  }
  const configMaps: World['configMaps'] = {};
  for (const name of new Set(own.flatMap((resource) => [...configMapsOf(resource)]))) {
    const data = await values.configMap(namespace, name);
    if (data) configMaps[name] = data;
  }
  const namespaceLabels: NonNullable<World['namespaceLabels']> = {};
  for (const name of [namespace, ...resources.map(({ metadata }) => metadata.namespace!)])
    namespaceLabels[name] ??= sources.labelsOf(name);
  return { namespace, resources, secrets, configMaps, namespaceLabels, ...facts };
}

/**
 * Of other namespaces: what is shared with anybody, and Brokers and PartnerProfiles that are named from here, shared or not, so that
 * the one who names them hears why they are refused. Translation judges.
 */
function foreign(sources: Sources, namespace: string): Resource[] {
  const named = new Set([
    ...sources.of('Integration', namespace).map((integration) => `Broker/${brokerRefOf(integration)}`),
    ...sources
      .of('Partner', namespace)
      .map(
        ({ spec: { profileRef } }) =>
          profileRef && `PartnerProfile/${profileRef.namespace ?? namespace}/${profileRef.name}`,
      ),
  ]);
  return KINDS.flatMap((kind): Resource[] => sources.of(kind)).filter(
    (resource) =>
      resource.metadata.namespace !== namespace &&
      isLive(resource) &&
      (isShared(resource) || named.has(`${resource.kind}/${resource.metadata.namespace}/${resource.metadata.name}`)),
  );
}

export interface BrokerChoice {
  broker?: Broker;
  /** Why there is none. */
  message: string;
}

/**
 * A namespace has one Broker: `default` in it, else the one that its Integrations name, else its only one, else one shared
 * with it from another namespace (`default` first, then by name). What ends may still use a Broker that is being deleted itself.
 */
export function chooseBroker(sources: Sources, namespace: string, ending = false): BrokerChoice {
  const chosen = choose(sources, namespace, isLive);
  return chosen.broker || !ending ? chosen : choose(sources, namespace, () => true);
}

function choose(sources: Sources, namespace: string, usable: (broker: Broker) => boolean): BrokerChoice {
  const own = sources.of('Broker', namespace).filter(usable);
  const standard = own.find(({ metadata }) => metadata.name === 'default');
  if (standard) return { broker: standard, message: '' };
  const admitted = sources
    .of('Broker')
    .filter((broker) => usable(broker) && broker.metadata.namespace !== namespace && admits(sources, broker, namespace))
    .sort((a, b) => rank(a).localeCompare(rank(b)));
  const named = sources.of('Integration', namespace).filter(isLive).map(brokerRefOf).find(Boolean);
  if (named) {
    const found = [...own, ...admitted].find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === named);
    return found
      ? { broker: found, message: '' }
      : { message: `Broker ${named} does not exist or does not admit this namespace` };
  }
  const found = own.length === 1 ? own[0] : own.length === 0 ? admitted[0] : undefined;
  if (found) return { broker: found, message: '' };
  return {
    message:
      own.length > 1
        ? 'the namespace has several Brokers: name one `default`, or set brokerRef'
        : 'the namespace has no Broker: create one named `default`, or have one shared with it by allowedNamespaces',
  };
}

export function admits(sources: Sources, broker: Broker, namespace: string): boolean {
  const allowed = broker.spec.allowedNamespaces;
  if (!allowed || allowed.from === 'Same' || broker.spec.virtualHost !== undefined) return false;
  if (allowed.from === 'All') return true;
  const labels = sources.labelsOf(namespace);
  return Object.entries(allowed.selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
}

const rank = ({ metadata: { name, namespace } }: Broker): string =>
  `${name === 'default' ? 0 : 1} ${namespace}/${name}`;
