/** Shapes of the Kubernetes API that the operator touches, and the addresses of the resource types that it uses. */
import type { Kind, Metadata } from '../../crds/generated/types.ts';

export interface ObjectMeta extends Metadata {
  generateName?: string;
  deletionGracePeriodSeconds?: number;
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string }[];
}
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}
export interface KubeList<T> {
  metadata: { resourceVersion: string; continue?: string };
  items: T[];
}
export interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
  immutable?: boolean;
}
/** `data` is base64. */
export interface Secret extends KubeObject {
  data?: Record<string, string>;
  type?: string;
}
export interface Pod extends KubeObject {
  status?: { podIP?: string; phase?: string };
}
/** Where a type of object lives in the API. `group` is '' for core. */
export interface ResourceType {
  group: string;
  version: string;
  plural: string;
  kind: string;
  namespaced: boolean;
}
export const apiVersion = (type: ResourceType): string => (type.group ? `${type.group}/${type.version}` : type.version);

export const GROUP = 'crossdock.dev';
const crossdock = (kind: Kind, plural: string): ResourceType => ({
  group: GROUP,
  version: 'v1alpha1',
  plural,
  kind,
  namespaced: true,
});
const core = (kind: string, plural: string, namespaced = true): ResourceType => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced,
});
export const CROSSDOCK: Readonly<Record<Kind, ResourceType>> = {
  BusinessProcess: crossdock('BusinessProcess', 'businessprocesses'),
  RuntimePool: crossdock('RuntimePool', 'runtimepools'),
  SLAPolicy: crossdock('SLAPolicy', 'slapolicies'),
  Broker: crossdock('Broker', 'brokers'),
  Connector: crossdock('Connector', 'connectors'),
  DocumentType: crossdock('DocumentType', 'documenttypes'),
  Hold: crossdock('Hold', 'holds'),
  Integration: crossdock('Integration', 'integrations'),
  Mapping: crossdock('Mapping', 'mappings'),
  Organization: crossdock('Organization', 'organizations'),
  Partner: crossdock('Partner', 'partners'),
  PartnerProfile: crossdock('PartnerProfile', 'partnerprofiles'),
  ReferenceTable: crossdock('ReferenceTable', 'referencetables'),
  Replay: crossdock('Replay', 'replays'),
};
export const SECRETS = core('Secret', 'secrets');
export const CONFIG_MAPS = core('ConfigMap', 'configmaps');
export const PODS = core('Pod', 'pods');
export const NAMESPACES = core('Namespace', 'namespaces', false);
export const LEASES: ResourceType = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};
export const EVENTS: ResourceType = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};
