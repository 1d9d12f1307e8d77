/** One resource by its kind. A resource of any shape gives a result; nothing is thrown. */
import type { Kind } from '../../crds/generated/types.ts';
import { translateConnector } from './connector.ts';
import { translateDocumentType } from './document-type.ts';
import { translateIntegration } from './integration.ts';
import { translateMapping } from './mapping.ts';
import { translatePartner } from './partner.ts';
import { Problems } from './problems.ts';
import { translateProcess } from './process.ts';
import { translateReplay } from './replay.ts';
import { translateBroker, translateHold, translateOrganization, translatePool, translateProfile } from './simple.ts';
import { translatePolicy } from './sla.ts';
import { translateTable } from './table.ts';
import type { Built, ResourceKey, View } from './view.ts';
import type { ResourceOf } from './world-index.ts';

const BUILDERS: { [K in Kind]: (view: View, resource: ResourceOf<K>) => Built } = {
  Broker: translateBroker,
  Organization: translateOrganization,
  PartnerProfile: translateProfile,
  Partner: translatePartner,
  Connector: translateConnector,
  DocumentType: translateDocumentType,
  ReferenceTable: translateTable,
  Mapping: translateMapping,
  Integration: translateIntegration,
  BusinessProcess: translateProcess,
  SLAPolicy: translatePolicy,
  RuntimePool: translatePool,
  Hold: translateHold,
  Replay: translateReplay,
};

export function buildResource(view: View, { kind, namespace, name }: ResourceKey): Built {
  const resource = view.resource(kind, name, namespace);
  const broken = (field: string, message: string, remedy: string): Built => {
    const problems = new Problems();
    problems.invalid(field, message, remedy);
    return { problems, parts: {} };
  };
  if (!resource) return broken('metadata.name', `there is no ${kind} "${name}"`, 'create it');
  if (typeof resource.spec !== 'object' || resource.spec === null)
    return broken('spec', 'a map is expected', `see the reference of ${kind}`);
  try {
    return (BUILDERS[kind] as (view: View, resource: unknown) => Built)(view, resource);
  } catch (error) {
    // A shape that the API's schema refuses (a text where a list belongs). Anything else is a fault of ours and must be seen.
    if (!(error instanceof TypeError)) throw error;
    return broken('spec', `it has not the shape of its kind (${error.message})`, 'crossdock lint names the field');
  }
}
