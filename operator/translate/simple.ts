/** Kinds that become no part of their own: Broker, Organization, PartnerProfile, RuntimePool, Hold. */

import { translateCalendar } from './calendar.ts';
import { oneOf } from './fields.ts';
import { expectOneEach } from './partner-terms.ts';
import { Problems } from './problems.ts';
import { expectSecret, find, resolve } from './references.ts';
import { expectRows } from './rows.ts';
import { formsOf, wireTypeOf } from './terms.ts';
import type { Built, View } from './view.ts';
import type { ResourceOf } from './world-index.ts';
import { identifierClaim } from './world-index.ts';

const only = (problems: Problems): Built => ({ problems, parts: {} });

export function translateBroker(view: View, resource: ResourceOf<'Broker'>): Built {
  const problems = new Problems();
  const { connection, virtualHost, allowedNamespaces } = resource.spec;
  const member = oneOf(connection ?? {}, ['secretRef', 'rabbitmqClusterRef'], 'spec.connection', problems);
  if (member === 'secretRef')
    expectSecret(
      view,
      connection.secretRef?.name,
      ['uri', 'managementUri'],
      'spec.connection.secretRef',
      problems,
      'Broker',
    );
  if (virtualHost !== undefined && allowedNamespaces && allowedNamespaces.from !== 'Same')
    problems.invalid(
      'spec.virtualHost',
      'a fixed vhost serves its own namespace only, but allowedNamespaces admits others',
      'remove one of them',
    );
  return only(problems);
}

export function translateOrganization(view: View, resource: ResourceOf<'Organization'>): Built {
  const problems = new Problems();
  const first = view.names('Organization')[0];
  if (first !== resource.metadata.name)
    problems.unsupported('metadata.name', `Organization "${first}" is there already`, 'keep one per namespace');
  const seen = new Set<string>();
  resource.spec.identifiers.forEach((identifier, i) => {
    const claim = identifierClaim(identifier);
    if (seen.has(claim)) problems.invalid(`spec.identifiers[${i}]`, 'the identifier is there twice', 'remove one');
    seen.add(claim);
  });
  const { calendar: hours } = resource.spec;
  const calendar = hours && translateCalendar(hours, 'spec.calendar', problems);
  return { ...only(problems), ...(calendar && problems.none && { calendar }) };
}

/** A profile is checked by itself; what its terms mean is found where a partner uses them. */
export function translateProfile(view: View, resource: ResourceOf<'PartnerProfile'>): Built {
  const problems = new Problems();
  const documents = resource.spec.documents ?? [];
  expectOneEach(documents, problems);
  documents.forEach((terms, i) => {
    const field = `spec.documents[${i}]`;
    resolve(view, 'DocumentType', terms.documentTypeRef, `${field}.documentTypeRef`, problems);
    const forms = formsOf(terms);
    if (forms.length > 1) problems.invalid(field, `${forms.join(' and ')} together`, 'a document travels one way');
    if (terms.mappingRef) resolve(view, 'Mapping', terms.mappingRef, `${field}.mappingRef`, problems);
    const wire = wireTypeOf(terms);
    if (wire) resolve(view, 'DocumentType', wire.ref, `${field}.${wire.field}`, problems);
    expectRows(terms, field, problems);
  });
  return only(problems);
}

export function translatePool(_view: View, { spec }: ResourceOf<'RuntimePool'>): Built {
  const problems = new Problems();
  const { replicas, autoscaling } = spec;
  if (replicas !== undefined && autoscaling)
    problems.invalid('spec.replicas', 'with autoscaling the number belongs to the autoscaler', 'remove one of them');
  if (autoscaling && (autoscaling.minReplicas ?? 1) > autoscaling.maxReplicas)
    problems.invalid('spec.autoscaling.minReplicas', 'it is greater than maxReplicas', 'make it smaller');
  return only(problems);
}

export function translateHold(view: View, resource: ResourceOf<'Hold'>): Built {
  const problems = new Problems();
  const { targetRef, until } = resource.spec;
  if (!['Integration', 'Partner', 'Connector'].includes(targetRef?.kind))
    problems.invalid(
      'spec.targetRef.kind',
      `${targetRef?.kind} cannot be held`,
      'write Integration, Partner or Connector',
    );
  else if (targetRef.name !== '*') find(view, targetRef.kind, { name: targetRef.name }, 'spec.targetRef', problems);
  if (until !== undefined && !Number.isFinite(Date.parse(until)))
    problems.invalid('spec.until', `"${until}" is not a time`, 'write it as 2026-11-24T06:00:00Z');
  return only(problems);
}
