/** How one document type travels between us and a partner: form, mapping, and the directions that follow from them. */
import type { DocumentTerms, MappingSide } from '../../crds/generated/types.ts';
import type { DocumentTypePlan, MappingPlan, TermsPlan } from '../../runtime/plan.ts';
import { USAGE } from './defaults.ts';
import { oneOf } from './fields.ts';
import { sideName, wireName } from './mapping.ts';
import { hashOf, type Parts } from './parts.ts';
import type { Problems } from './problems.ts';
import { resolve } from './references.ts';
import { expectRows } from './rows.ts';
import { type Direction, FORMS, type Form, type MergedTerms, wireTypeOf } from './terms.ts';
import type { View } from './view.ts';

export function expectOneEach(
  documents: readonly { documentTypeRef: { name: string }; direction?: string }[],
  problems: Problems,
) {
  const seen = new Set<string>();
  documents.forEach((terms, i) => {
    const key = `${terms.documentTypeRef?.name} ${terms.direction ?? ''}`;
    if (seen.has(key))
      problems.invalid(
        `spec.documents[${i}]`,
        `a second entry for ${key.trim()}`,
        'merge them, or set direction on each',
      );
    seen.add(key);
  });
}

export interface OneWay {
  plan: TermsPlan;
  /** Resource name of the document type. */
  type: string;
  field: string;
  /** Both directions are possible and nothing says which is meant. */
  either: boolean;
}
const sortKey = (one: OneWay): string => `${one.type} ${one.plan.direction} ${hashOf(one.plan)}`;
export const bySort = (a: OneWay, b: OneWay): number => (sortKey(a) < sortKey(b) ? -1 : 1);

/** One entry of merged terms → one plan per direction that it can mean. */
export function translateTerms(view: View, entry: MergedTerms, needs: Parts[], problems: Problems): OneWay[] {
  const { terms, namespaces, field, inherited } = entry;
  const at = (sub: string) => (inherited ? field : `${field}.${sub}`);
  const ref = (own: { name: string } | undefined, namespace: string) => own && { name: own.name, namespace };
  const type = resolve<'DocumentType', DocumentTypePlan>(
    view,
    'DocumentType',
    ref(terms.documentTypeRef, namespaces.documentTypeRef),
    at('documentTypeRef'),
    problems,
  );
  if (type) needs.push(type.parts);
  const form = oneOf(terms, FORMS, field, problems);
  const wireRef = wireTypeOf(terms);
  const wire =
    wireRef &&
    resolve<'DocumentType', DocumentTypePlan>(
      view,
      'DocumentType',
      ref(wireRef.ref, namespaces.wire),
      at(wireRef.field),
      problems,
    );
  if (wire) needs.push(wire.parts);
  const mapping = terms.mappingRef
    ? resolve<'Mapping', MappingPlan>(
        view,
        'Mapping',
        ref(terms.mappingRef, namespaces.mappingRef),
        at('mappingRef'),
        problems,
      )
    : undefined;
  if (mapping) needs.push(mapping.parts);
  const lost = (terms.mappingRef && !mapping) || (wireRef && !wire);
  if (!type || !form || lost) return [];

  const canonical = type.resource.metadata.name;
  // X12 and EDIFACT have a form of their own; rows, elements and JSON may be the canonical document as they come.
  const named = form === 'x12' || form === 'edifact';
  const travels = wire ? `DocumentType "${wire.part.name}"` : form === 'json' ? 'JSON' : wireName(terms);
  if (terms.filePattern && named)
    problems.invalid(
      at('filePattern'),
      `${travels} names itself`,
      'remove filePattern: it is for csv, fixed, xml and json',
    );
  if (!inherited) expectRows(terms, field, problems);
  let directions: Direction[] = [];
  if (!mapping) {
    if (named || (wire && wire.hash !== type.hash)) {
      problems.invalid(
        field,
        `no mapping between ${travels} and DocumentType "${canonical}"`,
        'name one in mappingRef',
      );
      return [];
    }
    const flows = view.flows(canonical);
    directions = flows.inbound === flows.outbound ? ['Inbound', 'Outbound'] : [flows.inbound ? 'Inbound' : 'Outbound'];
    if (terms.direction) directions = [terms.direction];
  } else {
    const { from, to } = mapping.resource.spec;
    const inbound = to.documentTypeRef?.name === canonical;
    const outbound = from.documentTypeRef?.name === canonical;
    if (inbound) directions.push('Inbound');
    if (outbound) directions.push('Outbound');
    if (terms.direction) directions = directions.filter((direction) => direction === terms.direction);
    const refuse = (message: string, remedy: string): OneWay[] => {
      problems.add('ResolvedRefs', 'RefInvalid', inherited ? field : `${field}.mappingRef.name`, message, remedy);
      return [];
    };
    const says = `Mapping "${mapping.part.name}" leads from ${sideName(from)} to ${sideName(to)}`;
    if (directions.length === 0)
      return refuse(
        `${says}, not ${terms.direction === 'Outbound' ? 'from' : terms.direction === 'Inbound' ? 'to' : 'from or to'} DocumentType "${canonical}"`,
        'name a mapping with that document type on its canonical side',
      );
    const other = directions[0] === 'Inbound' ? from : to;
    if (!fits(other, terms, form, wire?.part.name))
      return refuse(`${says}, but the document travels as ${travels}`, 'correct the mapping or the form');
  }
  return directions
    .filter((direction) => direction !== entry.except)
    .map((direction) => ({
      type: canonical,
      field,
      either: !mapping && directions.length > 1,
      plan: {
        documentType: type.hash,
        direction,
        usage: terms.usage ?? USAGE,
        ...(terms.x12 && { x12: { transaction: terms.x12.transaction } }),
        ...(terms.edifact && { edifact: { ...terms.edifact } }),
        ...wireForm(terms, wire?.hash),
        ...(terms.filePattern && { filePattern: terms.filePattern }),
        ...(mapping && { mapping: mapping.hash }),
      },
    }));
}

/** Whether a mapping's side that is not canonical is about the form that the document travels in. */
function fits(other: MappingSide, terms: DocumentTerms, form: Form, wire: string | undefined): boolean {
  if (form === 'x12') return other.x12?.transaction === terms.x12?.transaction;
  if (form === 'edifact') return other.edifact?.message === terms.edifact?.message;
  if (other.documentTypeRef) return wire === undefined ? form === 'json' : other.documentTypeRef.name === wire;
  if (form === 'xml') {
    const roots = [other.xml?.root, terms.xml?.root].filter((root) => root !== undefined);
    return other.xml !== undefined && (roots.length < 2 || roots[0] === roots[1]);
  }
  return form !== 'json' && other[form] !== undefined;
}

/** What the terms say of the form, with the hash of its type instead of a reference. */
function wireForm({ csv, fixed, xml, json }: DocumentTerms, hash: string | undefined): Partial<TermsPlan> {
  const planned = <P>({ documentTypeRef: _, ...rest }: { documentTypeRef?: unknown }): P =>
    ({ ...rest, ...(hash !== undefined && { wireType: hash }) }) as P;
  // The schema of the API has made sure of encodings, which types cannot say.
  return {
    ...(csv && { csv: planned<NonNullable<TermsPlan['csv']>>(csv) }),
    ...(fixed && { fixed: planned<NonNullable<TermsPlan['fixed']>>(fixed) }),
    ...(xml && { xml: planned<NonNullable<TermsPlan['xml']>>(xml) }),
    ...(json && { json: planned<NonNullable<TermsPlan['json']>>(json) }),
  };
}
