/** Fields of a status beside the conditions: what printer columns show. Pure; change with specs, Holds and plans only. */
import type {
  Connector,
  DocumentType,
  Hold,
  Integration,
  Partner,
  Resource,
  Terms,
} from '../../crds/generated/types.ts';
import type { Part } from '../../runtime/plan.ts';
import { selectorOf } from '../reconcile/pool-objects.ts';
import { type Observation, rootKey } from './observation.ts';
import { impactOf, replayDetails } from './replay.ts';
import { trackedDetails } from './tracked.ts';

export type Details = Record<string, unknown>;

/** `parts` are those of the plan, for the row count of a table. */
export function detailsOf(resource: Resource, observed: Observation, parts: Iterable<Part>): Details {
  switch (resource.kind) {
    case 'Integration':
      return {
        summary: integrationSummary(resource, observed),
        ...planInForce(resource, observed),
        ...impactOf(resource, observed.trackers),
      };
    case 'Partner':
      return {
        usage: usageOf(resource, profileOf(resource, observed)),
        channel: channelOf(resource),
        ...planInForce(resource, observed),
      };
    case 'Connector':
      return { ...connectorDetails(resource), ...impactOf(resource, observed.trackers) };
    case 'DocumentType':
      return { type: documentType(resource) };
    case 'RuntimePool': {
      const { name } = resource.metadata;
      const { replicas = 0, integrations = 0 } = observed.pools?.get(name) ?? {};
      return { replicas, integrations, selector: selectorOf(name) };
    }
    case 'BusinessProcess':
    case 'SLAPolicy':
      return trackedDetails(resource.kind, resource.metadata.name, resource.status, observed.trackers);
    case 'Replay':
      return replayDetails(resource, observed.trackers);
    case 'Hold':
      return { direction: directionOf(resource) };
    case 'Broker': {
      const { broker } = observed;
      if (broker?.name !== resource.metadata.name || broker.namespace !== resource.metadata.namespace) return {};
      return definedOnly({ version: broker.version, virtualHost: broker.virtualHost });
    }
    case 'ReferenceTable': {
      for (const part of parts)
        if (part.part === 'table' && part.name === resource.metadata.name && !part.live)
          return { rows: part.rows.length };
      return resource.spec.inline ? { rows: resource.spec.inline.rows.length } : {};
    }
    default:
      return {};
  }
}

function integrationSummary(integration: Integration, observed: Observation): Details {
  const { name } = integration.metadata;
  const { source, destinations } = integration.spec;
  const held = observed.holds.some(({ kind, target }) => kind === 'Integration' && (target === '*' || target === name));
  return {
    state: held ? 'Held' : (integration.spec.state ?? 'Running'),
    source: clip(sourceOf(source), 256),
    destinations: clip(destinations.map((destination) => destination.name).join(','), 1_024),
  };
}

function sourceOf({ http, partners, events, connector }: Integration['spec']['source']): string {
  if (http) return `http ${http.path}`;
  if (partners) return `partners ${partners.documentTypeRefs.map(({ name }) => name).join(',')}`;
  if (events) return `events ${events.documentTypeRefs.map(({ name }) => name).join(',')}`;
  return connector ? `connector ${connector.connectorRef.name}` : '';
}

function planInForce(root: Integration | Partner, observed: Observation): Details {
  const entry = observed.inForce[rootKey(root.kind, root.metadata.name)];
  return entry ? { plan: { hash: entry.hash, generation: entry.generation } } : {};
}

const profileOf = (partner: Partner, observed: Observation): Terms | undefined => {
  const ref = partner.spec.profileRef;
  return ref && observed.profiles.get(`${ref.namespace ?? partner.metadata.namespace}/${ref.name}`);
};

function usageOf(partner: Partner, profile: Terms | undefined): string {
  const merged = new Map<string, string>();
  for (const terms of [...(profile?.documents ?? []), ...(partner.spec.documents ?? [])]) {
    const key = `${terms.documentTypeRef.name} ${terms.direction ?? ''}`;
    merged.set(key, terms.usage ?? merged.get(key) ?? 'Production');
  }
  const usages = [...new Set(merged.values())];
  return usages.length > 1 ? 'Mixed' : (usages[0] ?? 'Production');
}

function channelOf({ spec: { channel } }: Partner): string {
  const both = channel?.connectorRef?.name;
  const [inbound, outbound] = [
    channel?.inbound?.connectorRef.name ?? both,
    channel?.outbound?.connectorRef.name ?? both,
  ];
  const names = [...new Set([inbound, outbound].filter((name) => name !== undefined))];
  return clip(names.join(' / ') || 'HTTP', 256);
}

function connectorDetails({ spec }: Connector): Details {
  if (spec.http) return { connector: 'http', target: clip(withoutCredentials(spec.http.url), 1_024) };
  if (spec.directory) {
    const { inbound, outbound } = spec.directory;
    return { connector: 'directory', target: clip([inbound, outbound].filter(Boolean).join(' / '), 1_024) };
  }
  if (spec.sftp) {
    const { host, inbound, outbound } = spec.sftp;
    return { connector: 'sftp', target: clip(`${host}: ${[inbound, outbound].filter(Boolean).join(' / ')}`, 1_024) };
  }
  if (spec.mail) return { connector: 'mail', target: clip(spec.mail.host, 1_024) };
  if (!spec.amqp) return {};
  const { queue, exchange } = spec.amqp;
  return {
    connector: 'amqp',
    target: [queue && `queue ${queue}`, exchange && `exchange ${exchange}`].filter(Boolean).join(', '),
  };
}

function withoutCredentials(text: string): string {
  if (!URL.canParse(text)) return '';
  const url = new URL(text);
  return `${url.origin}${url.pathname}`;
}

const documentType = ({ spec }: DocumentType): string => `${spec.name}.v${spec.version}`;
const directionOf = ({ spec }: Hold): string => spec.direction ?? 'Both';
const clip = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text);
const definedOnly = (value: Details): Details =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
