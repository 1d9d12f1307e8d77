/** Raw bytes of a channel to units, each one document to be: decoded, and its partner and terms found by the envelope. */
import { DocumentError } from '../errors.ts';
import type { Problem } from '../formats/format.ts';
import { decodeJson } from '../formats/json/json.ts';
import { envelopeWithin, formatOf } from '../formats/sniff.ts';
import { undecodable, type Way } from './accept.ts';
import type { ToAcknowledge } from './acknowledge.ts';
import type { CompiledPartner } from './compiled.ts';
import { denied, edifactUnits, endOfFile, errorsOf, warned, wayByTerms, wholeFile, x12Units } from './edi.ts';
import type { InForce } from './environment.ts';
import type { DocumentLine } from './large.ts';
import { unitId } from './letters.ts';
import type { PieceOf, RawInterchange } from './messages.ts';
import { decodePlain, type PlainDocument, plainFormOf, plainWay } from './plain.ts';
import type { ReceivedAcknowledgment } from './reconcile.ts';

/** `index` counts the transactions of the file from 0; -1 stands for the file as a whole. */
export type Unit = {
  id: string;
  index: number;
  partner?: string;
  /** Where a person finds it in the file. */
  detail?: Record<string, string | number>;
  /** What was kept although it is against the rules. */
  warnings?: Problem[];
} & ({ value: unknown; way: Way } | { error: DocumentError; way?: Way });

export interface Read {
  units: Unit[];
  /** Where the sender's terms ask for it. */
  toAcknowledge: ToAcknowledge[];
  /** What the partner says of what we sent. */
  received: ReceivedAcknowledgment[];
}

export function readInterchange(inForce: InForce, raw: RawInterchange): Read {
  const [kind, name = ''] = raw.channel.split('/');
  if (kind === 'integration')
    return { units: [jsonUnit(raw, integrationWay(inForce, name))], toAcknowledge: [], received: [] };
  const partners = [...inForce.partners.values()].filter(({ inbound }) => inbound?.name === name);
  if (raw.piece?.kind === 'End') return endOfFile(raw, partners);
  if (raw.piece?.kind === 'Documents')
    return { units: documentUnits(raw, raw.piece, partners), toAcknowledge: [], received: [] };
  // Where nothing without an envelope can be meant, one is looked for behind what a transport put before it.
  const onlyEnveloped = partners.every(({ terms }) => !terms.some(({ plan }) => plainFormOf(plan)));
  const format = formatOf(raw.body) ?? (onlyEnveloped ? envelopeWithin(raw.body) : undefined);
  if (format === 'X12') return x12Units(raw, partners, inForce.organization.identifiers);
  if (format === 'EDIFACT') return edifactUnits(raw, partners, inForce.organization.identifiers);
  return { units: plainUnits(raw, partners, name), toAcknowledge: [], received: [] };
}

function jsonUnit(raw: RawInterchange, way: Way | DocumentError): Unit {
  if (way instanceof DocumentError) return wholeFile(raw, way);
  const { value, problems } = decodeJson(raw.body);
  const errors = errorsOf(problems);
  const unit = { id: unitId(raw.id, 0), index: 0, ...(way.origin === 'partner' && { partner: way.source }) };
  return errors.length > 0 ? { ...unit, error: undecodable(errors) } : { ...unit, value, way };
}

function integrationWay({ integrations }: InForce, name: string): Way | DocumentError {
  const source = integrations.get(name)?.source;
  if (!source?.type) return denied('intake.noIntegration', `Integration ${name} is gone or takes no documents`);
  return { origin: 'system', source: name, type: source.type, ...(source.mapping && { mapping: source.mapping }) };
}

/** Rows of CSV and fixed width, lines of NDJSON, one of XML or JSON. */
function plainUnits(raw: RawInterchange, partners: CompiledPartner[], connector: string): Unit[] {
  const found = plainWay(raw, partners, connector);
  if (found instanceof DocumentError) return [wholeFile(raw, found)];
  const { partner, terms } = found;
  const way = wayByTerms(partner, terms);
  const documents = decodePlain(terms.plan, raw.body);
  if (documents.length === 0 && raw.body.every((byte) => byte <= 32))
    return [
      wholeFile(
        raw,
        undecodable([{ code: 'intake.empty', message: 'the file is empty', severity: 'Error', place: {} }]),
      ),
    ];
  return unitsOf(raw, partner, way, documents, 0);
}

/** Of a large file, read already when it came. */
function documentUnits(
  raw: RawInterchange,
  { partner: name, type, first }: PieceOf,
  partners: CompiledPartner[],
): Unit[] {
  const partner = partners.find(({ plan }) => plan.name === name);
  const terms = partner?.terms.find(
    ({ plan, type: { plan: own } }) => plan.direction === 'Inbound' && plainFormOf(plan) && own.type === type,
  );
  if (!partner || !terms)
    return [
      wholeFile(raw, denied('intake.noTerms', `Partner ${name} has no terms any more by which it sends ${type}`)),
    ];
  const documents = raw.body
    .toString()
    .split('\n')
    .map((line) => JSON.parse(line) as DocumentLine);
  return unitsOf(raw, partner, wayByTerms(partner, terms), documents, first);
}

function unitsOf(
  raw: RawInterchange,
  partner: CompiledPartner,
  way: Way,
  documents: readonly PlainDocument[],
  first: number,
): Unit[] {
  return documents.map(({ value, problems, line }, i) => {
    const index = first + i;
    const errors = errorsOf(problems);
    const unit = {
      id: unitId(raw.id, index),
      index,
      partner: partner.plan.name,
      ...(line !== undefined && { detail: { line } }),
      ...warned(problems),
    };
    return errors.length > 0 ? { ...unit, error: undecodable(errors), way } : { ...unit, value, way };
  });
}
