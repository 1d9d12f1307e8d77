/** Terms of a partner: its own over those of its profile, entry by entry and field by field, with the directions made explicit. */
import type { DocumentTerms, Terms } from '../../crds/generated/types.ts';
import type { PartnerPlan } from '../../runtime/plan.ts';
import { ACKNOWLEDGMENTS, EDIFACT, X12 } from './defaults.ts';

export type Direction = 'Inbound' | 'Outbound';

/** One entry after merging, with where each of its references was written. */
export interface MergedTerms {
  terms: DocumentTerms;
  /** Not to be derived for this entry, because a more narrow one says it. */
  except?: Direction;
  /** The namespace in which its references are looked up, by field. */
  namespaces: { documentTypeRef: string; wire: string; mappingRef: string };
  /** Path of the entry, or of the profileRef that it comes by. */
  field: string;
  /** Comes from a profile whole: its fields are not in the resource that is translated. */
  inherited: boolean;
}

interface Owner {
  documents: readonly DocumentTerms[];
  namespace: string;
}

/** Entries of the profile keep their order, new ones of the partner follow. */
export function mergeDocuments(profile: Owner | undefined, partner: Owner): MergedTerms[] {
  const entry = ({ namespace }: Owner, terms: DocumentTerms, field: string, inherited: boolean): MergedTerms => ({
    terms,
    namespaces: { documentTypeRef: namespace, wire: namespace, mappingRef: namespace },
    field,
    inherited,
  });
  const merged = (profile?.documents ?? []).map((terms) => entry(profile!, terms, 'spec.profileRef', true));
  partner.documents.forEach((terms, i) => {
    const own = entry(partner, terms, `spec.documents[${i}]`, false);
    const same = merged.filter((one) => one.terms.documentTypeRef?.name === terms.documentTypeRef?.name);
    const { direction } = terms;
    const exact = direction ? same.filter((one) => one.terms.direction === direction) : same;
    if (exact.length > 0) {
      for (const one of exact) merged[merged.indexOf(one)] = override(one, own);
      return;
    }
    const undirected = same.find((one) => one.terms.direction === undefined);
    if (undirected && direction) {
      merged[merged.indexOf(undirected)] = { ...undirected, except: direction };
      merged.push(override(undirected, own));
    } else merged.push(own);
  });
  return merged;
}

/** Another wire form makes the profile's mapping useless, so it goes with the profile's form. */
function override(base: MergedTerms, own: MergedTerms): MergedTerms {
  const { terms } = own;
  const { mappingRef, direction, usage, filePattern } = base.terms;
  const [before] = formsOf(base.terms);
  const [now] = formsOf(terms);
  const otherForm = now !== undefined && before !== undefined && now !== before;
  const form = now === undefined && before !== undefined ? { [before]: base.terms[before] } : {};
  return {
    terms: {
      ...form,
      ...(direction && { direction }),
      ...(usage && { usage }),
      ...(filePattern && { filePattern }),
      ...(mappingRef && !otherForm && { mappingRef }),
      ...terms,
    },
    namespaces: {
      documentTypeRef: base.namespaces.documentTypeRef,
      wire: now ? own.namespaces.wire : base.namespaces.wire,
      mappingRef: terms.mappingRef ? own.namespaces.mappingRef : base.namespaces.mappingRef,
    },
    field: own.field,
    inherited: false,
  };
}

/** The wire forms that terms name: at most one, where they are right. */
export const FORMS = ['x12', 'edifact', 'csv', 'fixed', 'xml', 'json'] as const;
export type Form = (typeof FORMS)[number];
/** Those that may be checked against a document type as they come. */
const WITH_WIRE_TYPE = ['csv', 'fixed', 'xml', 'json'] as const;
export const wireTypeOf = (terms: DocumentTerms): { field: string; ref: { name: string } } | undefined => {
  const form = WITH_WIRE_TYPE.find((each) => terms[each]?.documentTypeRef);
  return form && { field: `${form}.documentTypeRef`, ref: terms[form]!.documentTypeRef! };
};
export const formsOf = (terms: DocumentTerms): Form[] => FORMS.filter((form) => terms[form]);

export const mergeEdifact = (
  profile: Terms['edifact'],
  partner: Terms['edifact'],
): NonNullable<PartnerPlan['edifact']> => ({ ...EDIFACT, ...profile, ...partner });

export function mergeEnvelope(profile: Terms['x12'], partner: Terms['x12']): NonNullable<PartnerPlan['x12']> {
  return {
    version: partner?.version ?? profile?.version ?? X12.version,
    envelopeErrors: partner?.envelopeErrors ?? profile?.envelopeErrors ?? X12.envelopeErrors,
    delimiters: { ...X12.delimiters, ...profile?.delimiters, ...partner?.delimiters },
  };
}

/** Groups of X12 are acknowledged by the 999 from version 005010 on, where nothing else is said. */
export function mergeAcknowledgments(
  profile: Terms['acknowledgments'],
  partner: Terms['acknowledgments'],
  version: string | undefined,
): Omit<PartnerPlan['acknowledgments'], 'expectWithinMs'> & { expectWithin?: string } {
  const { x12 = (version ?? X12.version) >= '005010' ? '999' : '997', ...merged } = { ...profile, ...partner };
  return { ...ACKNOWLEDGMENTS, ...merged, x12: x12 === '999' ? '999' : '997' };
}
