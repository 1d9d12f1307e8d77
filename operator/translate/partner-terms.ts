/** How one document type travels between us and a partner: form, mapping, and the directions that follow from them. */
import type { DocumentTypePlan, MappingPlan, TermsPlan } from '../../runtime/plan.ts';
import { USAGE } from './defaults.ts';
import { oneOf } from './fields.ts';
import { sideName, wireName } from './mapping.ts';
import { hashOf, type Parts } from './parts.ts';
import type { Problems } from './problems.ts';
import { resolve } from './references.ts';
import { type Direction, FORMS, type MergedTerms } from './terms.ts';
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
  const wire = terms.json?.documentTypeRef
    ? resolve<'DocumentType', DocumentTypePlan>(
        view,
        'DocumentType',
        ref(terms.json.documentTypeRef, namespaces.json),
        at('json.documentTypeRef'),
        problems,
      )
    : undefined;
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
  const lost = (terms.mappingRef && !mapping) || (terms.json?.documentTypeRef && !wire);
  if (!type || !form || lost) return [];

  const canonical = type.resource.metadata.name;
  const travels = form === 'json' ? (wire ? `DocumentType "${wire.part.name}"` : 'JSON') : wireName(terms);
  let directions: Direction[] = [];
  if (!mapping) {
    if (form !== 'json' || (wire && wire.hash !== type.hash)) {
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
    const fits =
      form === 'x12'
        ? other.x12?.transaction === terms.x12?.transaction
        : form === 'edifact'
          ? other.edifact?.message === terms.edifact?.message
          : other.documentTypeRef !== undefined && (!wire || other.documentTypeRef.name === wire.part.name);
    if (!fits) return refuse(`${says}, but the document travels as ${travels}`, 'correct the mapping or the form');
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
        ...(terms.json && { json: wire ? { wireType: wire.hash } : {} }),
        ...(mapping && { mapping: mapping.hash }),
      },
    }));
}
