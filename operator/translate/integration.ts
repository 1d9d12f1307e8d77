/** Integration → source, destinations, delivery, and the queues that it needs. */
import type { Destination, IntegrationSource, MappingSide } from '../../crds/generated/types.ts';
import {
  type ConnectorPlan,
  type DestinationPlan,
  type DocumentTypePlan,
  type IntegrationPlan,
  type MappingPlan,
  mailboxOf,
  type OrderingPlan,
} from '../../runtime/plan.ts';
import { cannot } from './connector.ts';
import { API_KEY_HEADER, DELIVERY, HMAC_HEADER, INTEGRATION_STATE, RESERVED_PATHS } from './defaults.ts';
import { translateDestination } from './destination.ts';
import { type Asked, checkExpression, expectExpression } from './expressions.ts';
import { durationMs, expectUnique, oneOf, timeoutMs } from './fields.ts';
import { queuesOf, topologyOf } from './integration-topology.ts';
import { unknownFields } from './known-fields.ts';
import { sideName } from './mapping.ts';
import type { Parts } from './parts.ts';
import { Problems } from './problems.ts';
import { resolutionsOf } from './process-resolutions.ts';
import type { Resolved } from './references.ts';
import { expectSecretKey, find, resolve, resolveTables } from './references.ts';
import type { Built, View } from './view.ts';
import { finish } from './view.ts';
import type { ResourceOf } from './world-index.ts';
import { normalisePath, pathClaim, sourceClaim } from './world-index.ts';

export type TypeFound = Resolved<'DocumentType', DocumentTypePlan>;
/** What the translators of source and destinations share. */
export interface Workshop {
  view: View;
  problems: Problems;
  needs: Parts[];
  /** Tables that its expressions ask. */
  asked: Asked;
}

export function translateIntegration(view: View, resource: ResourceOf<'Integration'>): Built<IntegrationPlan> {
  const problems = new Problems();
  const needs: Parts[] = [];
  const shop: Workshop = { view, problems, needs, asked: new Map() };
  const { spec } = resource;
  const { name } = resource.metadata;
  const source = translateSource(shop, name, spec.source);
  const wanted: readonly Destination[] = spec.destinations ?? [];
  if (wanted.length === 0)
    problems.invalid(
      'spec.destinations',
      'none',
      'say where documents go: {name: …, system: …} or {name: …, partner: …}',
    );
  expectUnique(wanted, 'spec.destinations', problems);
  const destinations: DestinationPlan[] = wanted.map((destination, i) =>
    translateDestination(shop, destination, `spec.destinations[${i}]`, source.types),
  );
  if (spec.brokerRef) find(view, 'Broker', spec.brokerRef, 'spec.brokerRef', problems);
  const pool = spec.runtimePoolRef && find(view, 'RuntimePool', spec.runtimePoolRef, 'spec.runtimePoolRef', problems);
  const cycle = view.cycle(name);
  if (cycle)
    problems.add(
      'Accepted',
      'Cycle',
      'spec.destinations',
      `its replies lead back to itself: ${cycle}`,
      'take one of the replies out, or have its reader take another document type',
    );
  const { tables, parts } = resolveTables(view, shop.asked, problems);
  needs.push(...parts);
  const delivery = deliveryOf(spec.delivery ?? {}, problems);
  const ordering = spec.ordering && orderingOf(spec.ordering, source.types, problems);
  const state = spec.state ?? INTEGRATION_STATE;
  const queues = queuesOf(
    view,
    name,
    wanted.map((destination) => destination.name),
    ordering,
  );
  return {
    ...finish<IntegrationPlan>(
      problems,
      () => ({
        part: 'integration',
        name,
        state,
        source: source.plan,
        destinations,
        delivery,
        ...(ordering && { ordering }),
        ...(pool && { pool: pool.resource.metadata.name }),
        ...(Object.keys(tables).length > 0 && { tables }),
        queues: queues.plan,
      }),
      needs,
    ),
    ...(problems.none && {
      topology: topologyOf(view, name, queues, {
        subscribed: state !== 'Stopped',
        way: spec.source.partners ? 'partners' : spec.source.events ? 'events' : 'own',
        types: source.types.map((type) => type.part.type),
        ...(source.connector && mailboxOf(source.connector.part) && { polled: source.connector.part.name }),
      }),
    }),
  };
}

interface Source {
  plan: IntegrationPlan['source'];
  types: TypeFound[];
  connector?: Resolved<'Connector', ConnectorPlan>;
}

function translateSource(shop: Workshop, name: string, spec: IntegrationSource): Source {
  const { view, problems, needs } = shop;
  const member = oneOf(spec ?? {}, ['partners', 'http', 'connector', 'events', 'resolutions'], 'spec.source', problems);
  if (member === 'partners' || member === 'events') {
    const refs = spec[member]!.documentTypeRefs ?? [];
    const field = `spec.source.${member}.documentTypeRefs`;
    if (refs.length === 0) problems.invalid(field, 'none', 'name at least one DocumentType');
    expectUnique(refs, field, problems);
    const types = refs
      .map((ref, i) => resolve<'DocumentType', DocumentTypePlan>(view, 'DocumentType', ref, `${field}[${i}]`, problems))
      .filter((type) => type !== undefined);
    needs.push(...types.map((type) => type.parts));
    for (const stray of ['documentTypeRef', 'mappingRef'] as const)
      if (spec[stray])
        problems.invalid(
          `spec.source.${stray}`,
          `it has no meaning with ${member}`,
          'remove it; documents are canonical already',
        );
    return { plan: { [member]: { documentTypes: types.map((type) => type.hash).sort() } }, types };
  }
  if (member === undefined) return { plan: {}, types: [] };

  const type = resolve<'DocumentType', DocumentTypePlan>(
    view,
    'DocumentType',
    spec.documentTypeRef,
    'spec.source.documentTypeRef',
    problems,
  );
  if (type) needs.push(type.parts);
  const mapping = mappingTo(shop, spec.mappingRef, 'spec.source.mappingRef', type);
  const connector = member === 'connector' ? readable(shop, name, spec) : undefined;
  const process = member === 'resolutions' ? deciding(shop, name, spec, mapping) : undefined;
  return {
    plan: {
      ...(process !== undefined && { resolutions: { process } }),
      ...(member === 'http' && { http: endpoint(shop, name, spec.http!) }),
      ...(connector && { connector: connector.hash }),
      ...(type && { documentType: type.hash }),
      ...(mapping && { mapping: mapping.hash }),
    },
    types: type ? [type] : [],
    ...(connector && { connector }),
  };
}

/** A mapping whose result is the document type. */
export function mappingTo(
  { view, problems, needs }: Workshop,
  ref: { name: string } | undefined,
  field: string,
  type: TypeFound | undefined,
): Resolved<'Mapping', MappingPlan> | undefined {
  if (!ref) return undefined;
  const mapping = resolve<'Mapping', MappingPlan>(view, 'Mapping', ref, field, problems);
  if (!mapping) return undefined;
  needs.push(mapping.parts);
  const { to }: { to: MappingSide } = mapping.resource.spec;
  if (type && to.documentTypeRef?.name !== type.part.name)
    problems.add(
      'ResolvedRefs',
      'RefInvalid',
      `${field}.name`,
      `Mapping "${ref.name}" makes ${sideName(to)}, not DocumentType "${type.part.name}"`,
      'name a mapping to that document type',
    );
  return mapping;
}

/** The process whose resolutions come in. */
function deciding(
  { view, problems }: Workshop,
  name: string,
  spec: IntegrationSource,
  mapping: Resolved<'Mapping', MappingPlan> | undefined,
): string | undefined {
  const field = 'spec.source.resolutions.businessProcessRef';
  if (!spec.mappingRef)
    problems.invalid('spec.source.mappingRef', 'none', 'a resolution is no document yet: name a Mapping from it');
  if (mapping && !mapping.resource.spec.from.resolution)
    problems.add(
      'ResolvedRefs',
      'RefInvalid',
      'spec.source.mappingRef.name',
      `Mapping "${mapping.part.name}" reads ${sideName(mapping.resource.spec.from)}, and a resolution comes in`,
      'write from: {resolution: {}} there, or name another mapping',
    );
  const found = find(view, 'BusinessProcess', spec.resolutions?.businessProcessRef, field, problems);
  if (!found) return undefined;
  if (!resolutionsOf(found.resource).some(({ integrationRef }) => integrationRef?.name === name))
    problems.warn(
      `${field}.name`,
      `no resolution of BusinessProcess "${found.resource.metadata.name}" names it, so nothing comes in`,
      `write integrationRef: {name: ${name}} at a resolution there`,
    );
  return found.resource.metadata.name;
}

function readable(
  shop: Workshop,
  name: string,
  spec: IntegrationSource,
): Resolved<'Connector', ConnectorPlan> | undefined {
  const { view, problems, needs } = shop;
  const field = 'spec.source.connector.connectorRef';
  const connector = resolve<'Connector', ConnectorPlan>(
    view,
    'Connector',
    spec.connector?.connectorRef,
    field,
    problems,
  );
  if (!connector) return undefined;
  needs.push(connector.parts);
  const lacks = cannot('read', connector.part);
  if (lacks) problems.add('ResolvedRefs', 'RefInvalid', `${field}.name`, lacks.message, lacks.remedy);
  const others = view.claims(sourceClaim(connector.part.name)).filter((holder) => holder !== `Integration/${name}`);
  if (others.length > 0)
    problems.unsupported(
      `${field}.name`,
      `${others.join(', ')} reads Connector "${connector.part.name}" too, and each file or message would reach only one of them`,
      'give each a connector of its own; to share documents, read them once and use source.events',
    );
  return connector;
}

function endpoint(
  { view, problems }: Workshop,
  name: string,
  spec: NonNullable<IntegrationSource['http']>,
): NonNullable<IntegrationPlan['source']['http']> {
  const field = 'spec.source.http.path';
  const path = String(spec.path);
  if (!/^\/[A-Za-z0-9._~/-]*$/.test(path) || path.split('/').some((step) => step === '.' || step === '..'))
    problems.invalid(field, `"${path}" is not a path`, 'begin it with /, and use letters, digits and . _ ~ -');
  const reserved = RESERVED_PATHS.find((taken) => path === taken || path.startsWith(`${taken}/`));
  if (reserved) problems.invalid(field, `${reserved} is taken by the runtime itself`, 'choose another path');
  const others = view.claims(pathClaim(path)).filter((holder) => holder !== `Integration/${name}`);
  if (others.length > 0)
    problems.add(
      'Conflicted',
      'PathConflict',
      field,
      `${others.join(', ')} has ${normalisePath(path)} too`,
      'change one of them',
    );
  const plan = { path: normalisePath(path) };
  if (!spec.auth) return plan;
  const member = oneOf(spec.auth, ['apiKey', 'hmac'], 'spec.source.http.auth', problems);
  if (!member) return plan;
  const { header, secretKeyRef } = spec.auth[member]!;
  expectSecretKey(view, secretKeyRef, `spec.source.http.auth.${member}.secretKeyRef`, problems, 'Shown');
  const standard = member === 'apiKey' ? API_KEY_HEADER : HMAC_HEADER;
  return { ...plan, auth: { [member]: { header: header ?? standard, secretKeyRef: { ...secretKeyRef } } } };
}

/** What it is asked anew for must be the same: lanes know the key that a document had when it was routed. */
function orderingOf(
  { keyExpression }: NonNullable<ResourceOf<'Integration'>['spec']['ordering']>,
  types: readonly TypeFound[],
  problems: Problems,
): OrderingPlan {
  const field = 'spec.ordering.keyExpression';
  expectExpression(keyExpression, field, problems, new Map());
  const { error, calls, tables } = checkExpression(String(keyExpression));
  if (error) return { keyExpression };
  if (tables.length > 0)
    problems.unsupported(
      field,
      `the row of ReferenceTable ${tables[0]} may be another tomorrow, and with it the key`,
      'take the key from the document alone, as in shipmentNumber',
    );
  const fickle = calls.find((name) => FICKLE.has(name));
  if (fickle)
    problems.add(
      'Accepted',
      'InvalidExpression',
      field,
      `$${fickle} gives something else each time, so no two documents would have one key`,
      'take the key from the document alone, as in shipmentNumber',
    );
  for (const { part } of types)
    for (const { line, column, message, remedy } of unknownFields(keyExpression, { source: part.schema }))
      problems.warn(field, `line ${line}, column ${column}: ${message} (DocumentType "${part.name}")`, remedy);
  return { keyExpression };
}
const FICKLE = new Set(['now', 'millis', 'random', 'shuffle', 'eval']);

function deliveryOf(spec: NonNullable<ResourceOf<'Integration'>['spec']['delivery']>, problems: Problems) {
  const retry = spec.retry ?? DELIVERY.retry;
  if (!Number.isInteger(retry) || retry < 0)
    problems.invalid('spec.delivery.retry', `${retry} is not a number of attempts`, 'write 0 or more');
  const ms = (field: 'backoffDelay' | 'backoffMax') =>
    durationMs(spec[field], DELIVERY[field], `spec.delivery.${field}`, problems);
  const delivery = {
    retry,
    backoffPolicy: spec.backoffPolicy ?? DELIVERY.backoffPolicy,
    backoffDelayMs: ms('backoffDelay'),
    backoffMaxMs: ms('backoffMax'),
    timeoutMs: timeoutMs(spec.timeout, DELIVERY.timeout, 'spec.delivery.timeout', problems),
  };
  if (spec.backoffMax === undefined) delivery.backoffMaxMs = Math.max(delivery.backoffMaxMs, delivery.backoffDelayMs);
  if (delivery.backoffDelayMs > delivery.backoffMaxMs)
    problems.invalid('spec.delivery.backoffMax', 'less than backoffDelay', 'raise it, or lower backoffDelay');
  return delivery;
}
