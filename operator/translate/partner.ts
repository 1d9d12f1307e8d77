/** Partner (over its profile) → who it is, how it proves that, by which channel and in which form each document type travels. */
import type { Credential } from '../../crds/generated/types.ts';
import { type ConnectorPlan, type IdentifierPlan, mailboxOf, type PartnerPlan } from '../../runtime/plan.ts';
import { pollQueue } from '../apply/rabbitmq/topology.ts';
import { translateCalendar } from './calendar.ts';
import type { Way } from './connector.ts';
import { cannot } from './connector.ts';
import { USAGE } from './defaults.ts';
import { durationMs, oneOf } from './fields.ts';
import type { OneWay } from './partner-terms.ts';
import { bySort, expectOneEach, translateTerms } from './partner-terms.ts';
import type { Parts } from './parts.ts';
import { Problems } from './problems.ts';
import { broken, expectSecretKey, find, resolve } from './references.ts';
import type { Direction } from './terms.ts';
import { mergeAcknowledgments, mergeDocuments, mergeEdifact, mergeEnvelope } from './terms.ts';
import type { Built, View } from './view.ts';
import { finish } from './view.ts';
import type { ResourceOf } from './world-index.ts';
import { credentialClaim, identifierClaim, identifierList, identifiersOf } from './world-index.ts';

export function translatePartner(view: View, resource: ResourceOf<'Partner'>): Built<PartnerPlan> {
  const problems = new Problems();
  const { spec } = resource;
  const { name } = resource.metadata;
  const needs: Parts[] = [];
  const identifiers = claimIdentifiers(view, resource, problems);
  const credentials = claimCredentials(view, resource, problems);

  const channel = channelOf(view, resource, needs, problems);
  const found = spec.profileRef && find(view, 'PartnerProfile', spec.profileRef, 'spec.profileRef', problems);
  if (found) {
    const { kind, metadata } = found.resource;
    const built = view.built({ kind, namespace: found.namespace, name: metadata.name });
    if (!built.problems.none) broken(kind, metadata.name, 'spec.profileRef', built, problems);
  }
  // Without its profile nothing certain can be said about its terms.
  if (problems.errors.some((problem) => problem.field.startsWith('spec.profileRef'))) return { problems, parts: {} };
  const profile = found?.resource.spec;
  const hours = spec.calendar || profile?.calendar ? { ...profile?.calendar, ...spec.calendar } : undefined;
  const calendar = hours && translateCalendar(hours, 'spec.calendar', problems);
  expectOneEach(spec.documents ?? [], problems);
  const terms = mergeDocuments(profile && { documents: profile.documents ?? [], namespace: found!.namespace }, {
    documents: spec.documents ?? [],
    namespace: view.namespace,
  }).flatMap((entry) => translateTerms(view, entry, needs, problems));
  terms.sort(bySort);
  for (const [i, one] of terms.entries())
    if (i > 0 && one.plan.direction === terms[i - 1]!.plan.direction && one.type === terms[i - 1]!.type)
      problems.invalid(
        one.field,
        `two terms for DocumentType "${one.type}", ${one.plan.direction}`,
        'set direction on each, or remove one',
      );

  const speaksX12 = terms.some((one) => one.plan.x12) || spec.x12 !== undefined || profile?.x12 !== undefined;
  const edifact = terms.some((one) => one.plan.edifact);
  const speaksEdifact = edifact || spec.edifact !== undefined || profile?.edifact !== undefined;
  if (terms.some((one) => one.plan.x12)) expectIdentity(view, identifiers, X12_IDENTITY, problems);
  if (edifact) expectIdentity(view, identifiers, EDIFACT_IDENTITY, problems);
  warnWithoutWay(terms, channel, credentials, problems);
  const x12 = mergeEnvelope(profile?.x12, spec.x12);
  const { expectWithin, ...acknowledging } = mergeAcknowledgments(
    profile?.acknowledgments,
    spec.acknowledgments,
    x12.version,
  );
  const acknowledgments = {
    ...acknowledging,
    ...(expectWithin !== undefined && {
      expectWithinMs: durationMs(expectWithin, expectWithin, 'spec.acknowledgments.expectWithin', problems),
    }),
  };

  return {
    ...finish<PartnerPlan>(
      problems,
      () => ({
        part: 'partner',
        name,
        displayName: spec.displayName ?? name,
        labels: { ...resource.metadata.labels },
        identifiers,
        credentials,
        ...(speaksX12 && { x12 }),
        ...(speaksEdifact && { edifact: mergeEdifact(profile?.edifact, spec.edifact) }),
        acknowledgments,
        ...(channel.inbound && { inbound: channel.inbound.hash }),
        ...(channel.outbound && { outbound: channel.outbound.hash }),
        terms: terms.map((one) => one.plan),
      }),
      needs,
    ),
    ...(problems.none && calendar && { calendar }),
    ...(problems.none && {
      topology: {
        exchanges: [],
        queues:
          channel.inbound && mailboxOf(channel.inbound.part)
            ? [pollQueue(channel.inbound.part.name, versionOption(view)).queue]
            : [],
        bindings: [],
      },
    }),
  };
}

export const versionOption = (view: View): { brokerVersion?: string } => {
  const brokerVersion = view.brokerVersion();
  return brokerVersion === undefined ? {} : { brokerVersion };
};

function claimIdentifiers(view: View, resource: ResourceOf<'Partner'>, problems: Problems): IdentifierPlan[] {
  const own = `Partner/${resource.metadata.name}`;
  const plans = new Map<string, IdentifierPlan>();
  for (const { identifier, field } of identifiersOf(resource)) {
    const claim = identifierClaim(identifier);
    const others = view.claims(claim).filter((holder) => holder !== own);
    if (others.length > 0)
      problems.add(
        'Conflicted',
        'IdentifierConflict',
        field,
        `${others.join(', ')} has the identifier ${identifier.scheme} ${identifier.qualifier ?? identifier.system ?? ''} ${identifier.value} too`,
        'one identifier belongs to one partner: correct it in one of them',
      );
    if (plans.has(claim)) problems.warn(field, 'the identifier is there twice', 'remove one');
    plans.set(claim, { ...identifier, usage: identifier.usage ?? USAGE });
  }
  if (plans.size === 0)
    problems.invalid('spec.identifiers', 'none', 'add the number by which envelopes or our systems know the partner');
  return [...plans].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, plan]) => plan);
}

function claimCredentials(view: View, resource: ResourceOf<'Partner'>, problems: Problems): Credential[] {
  const own = `Partner/${resource.metadata.name}`;
  return (resource.spec.credentials ?? []).map((credential, i) => {
    const member = oneOf(credential, ['apiKey', 'hmac'], `spec.credentials[${i}]`, problems);
    if (!member) return credential;
    const ref = credential[member]!.secretKeyRef;
    const field = `spec.credentials[${i}].${member}.secretKeyRef`;
    expectSecretKey(view, ref, field, problems, 'Shown');
    const others =
      member === 'apiKey' && ref ? view.claims(credentialClaim(ref)).filter((holder) => holder !== own) : [];
    if (others.length > 0)
      problems.add(
        'Conflicted',
        'CredentialConflict',
        field,
        `${others.join(', ')} has the same key, so it cannot tell who sends`,
        'give each partner a key of its own',
      );
    return { [member]: { secretKeyRef: { name: ref?.name, key: ref?.key } } } as Credential;
  });
}

type Channel = { [way in 'inbound' | 'outbound']?: { hash: string; part: ConnectorPlan } };

function channelOf(view: View, resource: ResourceOf<'Partner'>, needs: Parts[], problems: Problems): Channel {
  const { connectorRef, inbound, outbound } = resource.spec.channel ?? {};
  const channel: Channel = {};
  const open = (ref: { name: string }, field: string, ways: readonly Way[]): void => {
    const connector = resolve<'Connector', ConnectorPlan>(view, 'Connector', ref, field, problems);
    if (!connector) return;
    needs.push(connector.parts);
    const able = ways.filter((way) => cannot(way, connector.part) === undefined);
    if (able.length === 0) {
      const { message, remedy } = cannot(ways[0]!, connector.part)!;
      problems.add('ResolvedRefs', 'RefInvalid', `${field}.name`, message, remedy);
    }
    for (const way of able) channel[way === 'read' ? 'inbound' : 'outbound'] = connector;
  };
  if (connectorRef) open(connectorRef, 'spec.channel.connectorRef', ['read', 'write']);
  if (inbound) open(inbound.connectorRef, 'spec.channel.inbound.connectorRef', ['read']);
  if (outbound) open(outbound.connectorRef, 'spec.channel.outbound.connectorRef', ['write']);
  return channel;
}

interface Identity {
  form: string;
  article: string;
  schemes: readonly string[];
  /** How one is written. */
  example: string;
}
const X12_IDENTITY: Identity = {
  form: 'X12',
  article: 'an X12',
  schemes: ['X12'],
  example: '{scheme: X12, qualifier: ZZ, value: …}',
};
/** A GLN is written to the UNB with the qualifier 14. */
const EDIFACT_IDENTITY: Identity = {
  form: 'EDIFACT',
  article: 'a GLN or EDIFACT',
  schemes: ['GLN', 'EDIFACT'],
  example: '{scheme: GLN, value: …}',
};

/** X12 and EDIFACT name sender and receiver in the envelope. */
function expectIdentity(
  view: View,
  identifiers: readonly IdentifierPlan[],
  { form, article, schemes, example }: Identity,
  problems: Problems,
): void {
  const named = (list: readonly { scheme: string }[]) => list.some(({ scheme }) => schemes.includes(scheme));
  if (!named(identifiers))
    problems.invalid(
      'spec.identifiers',
      `${form} terms, but no ${article.replace(/^an? /, '')} identifier`,
      `add one: ${example}`,
    );
  const organization = view.names('Organization')[0];
  const ours = organization === undefined ? undefined : view.resource('Organization', organization);
  const shown = form === 'X12' ? '{scheme: X12, qualifier: …, value: …}' : example;
  if (!named(identifierList(ours?.spec?.identifiers)))
    problems.add(
      'ResolvedRefs',
      'RefNotFound',
      'spec.documents',
      `${form} terms, but no Organization with ${article} identifier of our own`,
      organization === undefined
        ? `create an Organization with ${shown}`
        : `add ${shown} to Organization "${organization}"`,
    );
}

function warnWithoutWay(
  terms: readonly OneWay[],
  channel: Channel,
  credentials: readonly Credential[],
  problems: Problems,
) {
  const first = (direction: Direction) => terms.find((one) => one.plan.direction === direction && !one.either);
  const inbound = first('Inbound');
  if (inbound && !channel.inbound && credentials.length === 0)
    problems.warn(
      inbound.field,
      `it sends DocumentType "${inbound.type}", but has no way in`,
      'set spec.channel, or spec.credentials for POST /documents',
    );
  const outbound = first('Outbound');
  if (outbound && !channel.outbound)
    problems.warn(
      outbound.field,
      `it gets DocumentType "${outbound.type}", but has no way out`,
      'set spec.channel to a connector that can be written',
    );
  if (!channel.inbound) return;
  // Without an envelope a file says at most its form and its name; XML also its root.
  for (const [form, said] of [
    ['json', 'JSON'],
    ['csv', 'CSV'],
    ['fixed', 'fixed width'],
    ['xml', 'XML'],
  ] as const) {
    const alike = terms.filter(
      ({ plan }) => plan.direction === 'Inbound' && plan[form] && !plan.filePattern && !plan.xml?.root,
    );
    if (alike.length > 1)
      problems.warn(
        'spec.channel',
        `several types come as ${said} by Connector "${channel.inbound.part.name}", and a file does not say which it is`,
        `give each a filePattern${form === 'xml' ? ' or root' : ''} or a connector, or have the partner post to /documents/<document type>`,
      );
  }
}
