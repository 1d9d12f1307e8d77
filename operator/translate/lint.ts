/** Findings that need a look at all resources of a namespace: what nobody uses, what leads nowhere. Warnings only. */

import type { AllowedNamespaces, Kind } from '../../crds/generated/types.ts';
import { nearest } from '../../crds/nearest.ts';
import type { DocumentTypePlan, PartnerPlan } from '../../runtime/plan.ts';
import type { Finding } from './translation.ts';
import type { Built, Note, ResourceKey } from './view.ts';
import type { WorldIndex } from './world-index.ts';
import { resourceKey, sourceTypes } from './world-index.ts';

export interface Linted {
  key: ResourceKey;
  built: Built;
  notes: readonly Note[];
}

/** Kinds that are there to be used by others. */
const USED: ReadonlySet<Kind> = new Set<Kind>([
  'PartnerProfile',
  'Connector',
  'DocumentType',
  'ReferenceTable',
  'Mapping',
]);

/** By `Kind/name`. */
export function lintNamespace(index: WorldIndex, all: readonly Linted[]): Map<string, Finding[]> {
  const findings = new Map<string, Finding[]>();
  const warn = ({ kind, name }: { kind: Kind; name: string }, field: string, message: string, remedy: string): void => {
    const finding: Finding = { severity: 'Warning', kind, name, field, message, remedy };
    const at = `${kind}/${name}`;
    const list = findings.get(at);
    if (list) list.push(finding);
    else findings.set(at, [finding]);
  };
  warnUnused(index, all, warn);
  warnTypesWithoutReader(index, all, warn);
  warnPartnersWithoutTerms(index, all, warn);
  warnTypesWithoutKeys(all, warn);
  warnLinksWithoutKey(index, all, warn);
  return findings;
}
type Warn = (of: { kind: Kind; name: string }, field: string, message: string, remedy: string) => void;

function warnUnused(index: WorldIndex, all: readonly Linted[], warn: Warn): void {
  const used = new Set<string>();
  for (const { key, notes } of all) {
    const self = resourceKey(key.kind, key.namespace, key.name);
    for (const note of notes)
      if ('question' in note && note.question.ask === 'resource' && note.question.key !== self)
        used.add(note.question.key);
  }
  const shared = ({ kind, namespace, name }: ResourceKey): boolean => {
    const spec = index.resource(kind, namespace, name)?.spec as
      | { allowedNamespaces?: AllowedNamespaces; serve?: object }
      | undefined;
    // Or for partners to ask.
    return !['Same', undefined].includes(spec?.allowedNamespaces?.from) || spec?.serve !== undefined;
  };
  // What others may use from their namespaces is not seen from here.
  for (const { key } of all)
    if (USED.has(key.kind) && !used.has(resourceKey(key.kind, key.namespace, key.name)) && !shared(key))
      warn(key, 'metadata.name', `nothing uses this ${key.kind}`, 'name it somewhere, or remove it');
}

/** Links by a key that no document has: they would never be shown. */
function warnLinksWithoutKey(index: WorldIndex, all: readonly Linted[], warn: Warn): void {
  // A broken DocumentType may have anything there.
  const namesOf = (keys: unknown) => (Array.isArray(keys) ? keys.map((key) => String(key?.name)) : []);
  const keys = [...new Set(index.ownOf('DocumentType').flatMap(({ spec }) => namesOf(spec?.keys)))];
  for (const { key, built } of all)
    for (const [i, { keyName }] of (built.links ?? []).entries()) {
      if (keys.includes(keyName)) continue;
      const near = nearest(keyName, keys);
      warn(
        key,
        `spec.links[${i}].keyName`,
        `no DocumentType has a key "${keyName}", so nothing leads there`,
        near ? `did you mean "${near}"?` : 'name one of spec.keys of a DocumentType',
      );
    }
}

/** Types that partners send and no integration takes: each such document would be a dead letter. */
function warnTypesWithoutReader(index: WorldIndex, all: readonly Linted[], warn: Warn): void {
  const senders = new Map<string, string[]>();
  for (const { key, built } of all) {
    if (key.kind !== 'Partner' || !built.part) continue;
    for (const terms of (built.part as PartnerPlan).terms) {
      if (terms.direction !== 'Inbound') continue;
      const { name } = built.parts[terms.documentType] as DocumentTypePlan;
      // JSON terms without mapping go both ways; where something sends the type, that is what they are for.
      if (index.flows(name).inbound || index.flows(name).outbound) continue;
      senders.set(name, [...(senders.get(name) ?? []), key.name]);
    }
  }
  for (const [type, names] of senders)
    if (index.resource('DocumentType', index.world.namespace, type))
      warn(
        { kind: 'DocumentType', name: type },
        'metadata.name',
        `${few(names)} may send it, but no Integration takes it`,
        'add an Integration with source.partners for it, or take it out of the terms',
      );
}

function warnPartnersWithoutTerms(index: WorldIndex, all: readonly Linted[], warn: Warn): void {
  const partners = all.filter(({ key, built }) => key.kind === 'Partner' && built.part);
  const takers = new Map<string, Set<string>>();
  for (const { key, built } of partners)
    for (const terms of (built.part as PartnerPlan).terms) {
      if (terms.direction !== 'Outbound') continue;
      const { name } = built.parts[terms.documentType] as DocumentTypePlan;
      const set = takers.get(name);
      if (set) set.add(key.name);
      else takers.set(name, new Set([key.name]));
    }
  const partnersWith = remember(({ scheme, qualifier, system }: Wanted): string[] =>
    partners
      .filter(({ built }) =>
        (built.part as PartnerPlan).identifiers.some(
          (one) =>
            one.scheme === scheme &&
            (qualifier === undefined || one.qualifier === qualifier) &&
            (system === undefined || one.system === system),
        ),
      )
      .map(({ key }) => key.name),
  );
  const complaint = remember(({ type, ...wanted }: Wanted & { type: string }): string | undefined => {
    const without = partnersWith(wanted).filter((name) => !takers.get(type)?.has(name));
    if (without.length === 0) return undefined;
    const them = without.length > 1 ? 'them' : 'it';
    return `${few(without)} could be meant, but no terms say how DocumentType "${type}" goes to ${them}`;
  });
  for (const { key, built } of all) {
    if (key.kind !== 'Integration' || !built.part) continue;
    const integration = index.resource('Integration', key.namespace, key.name)!;
    integration.spec.destinations.forEach((destination, i) => {
      if (!destination.partner) return;
      const { scheme, qualifier, system } = destination.partner.identifier;
      const field = `spec.destinations[${i}].partner`;
      if (partnersWith({ scheme, qualifier, system }).length === 0) {
        const which = [scheme, qualifier ?? system].filter(Boolean).join(' ');
        const message = `no Partner has an identifier ${which}`;
        warn(key, `${field}.identifier`, message, 'add it to the Partners that it is for');
        return;
      }
      for (const type of sourceTypes(integration)) {
        const message = complaint({ type, scheme, qualifier, system });
        if (message !== undefined) warn(key, field, message, 'add terms to the Partner or its profile');
      }
    });
  }
}

interface Wanted {
  scheme: string;
  qualifier: string | undefined;
  system: string | undefined;
}
/** A thousand integrations ask the same few questions. */
function remember<A extends object, R>(answer: (about: A) => R): (about: A) => R {
  const known = new Map<string, R>();
  return (about) => {
    const key = JSON.stringify(Object.values(about).map((value) => value ?? null));
    if (!known.has(key)) known.set(key, answer(about));
    return known.get(key)!;
  };
}

/** Types of documents that are accounted for; the forms on the wire need no keys. */
function warnTypesWithoutKeys(all: readonly Linted[], warn: Warn): void {
  const travelling = new Set<string>();
  for (const { built } of all) {
    const { part } = built;
    if (part?.part === 'partner') for (const terms of part.terms) travelling.add(terms.documentType);
    if (part?.part !== 'integration') continue;
    const { partners, events, documentType } = part.source;
    for (const hash of partners?.documentTypes ?? events?.documentTypes ?? [documentType])
      if (hash) travelling.add(hash);
    for (const { reply } of part.destinations) if (reply) travelling.add(reply.documentType);
  }
  for (const { key, built } of all)
    if (built.part?.part === 'documentType' && travelling.has(built.hash!) && built.part.keys.length === 0)
      if (!built.part.revision)
        warn(
          key,
          'spec',
          'neither keys nor revision: its documents are found by their id only',
          'add spec.keys with the numbers that people search for',
        );
}

/** `Partner "a", "b", "c" and 4 more`. */
const few = (names: readonly string[]): string => {
  const sorted = [...names].sort();
  const shown = sorted.slice(0, 3).map((name) => `"${name}"`);
  return `Partner ${shown.join(', ')}${sorted.length > 3 ? ` and ${sorted.length - 3} more` : ''}`;
};
