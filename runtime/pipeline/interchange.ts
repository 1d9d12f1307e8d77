/** Raw bytes of a channel to units, each one document to be: decoded, and its partner and terms found by the envelope. */
import { DocumentError } from '../errors.ts';
import { looksLikeEdifact } from '../formats/edifact/decode.ts';
import { decodeJson } from '../formats/json/json.ts';
import { undecodable, type Way } from './accept.ts';
import type { ToAcknowledge } from './acknowledge.ts';
import type { CompiledPartner } from './compiled.ts';
import { denied, edifactUnits, errorsOf, wayByTerms, wholeFile, x12Units } from './edi.ts';
import type { InForce } from './environment.ts';
import { unitId } from './letters.ts';
import type { RawInterchange } from './messages.ts';

/** `index` counts the transactions of the file from 0; -1 stands for the file as a whole. */
export type Unit = {
  id: string;
  index: number;
  partner?: string;
  detail?: { transaction: string; control: string };
} & ({ value: unknown; way: Way } | { error: DocumentError });

export interface Read {
  units: Unit[];
  /** Where the sender's terms ask for it. */
  toAcknowledge: ToAcknowledge[];
}

export function readInterchange(inForce: InForce, raw: RawInterchange): Read {
  const [kind, name = ''] = raw.channel.split('/');
  if (kind === 'integration') return { units: [jsonUnit(raw, integrationWay(inForce, name))], toAcknowledge: [] };
  const partners = [...inForce.partners.values()].filter(({ inbound }) => inbound?.name === name);
  if (looksLikeX12(raw.body)) return x12Units(raw, partners);
  if (looksLikeEdifact(raw.body)) return edifactUnits(raw, partners);
  return { units: [jsonUnit(raw, onlyJsonWay(partners, name))], toAcknowledge: [] };
}

/** An X12 file starts with ISA, perhaps after a byte order mark and white space. */
const looksLikeX12 = (body: Buffer): boolean => /^[\s\ufeff]*ISA/.test(body.toString('utf8', 0, 64));

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

/** JSON has no envelope: the channel must belong to one partner that sends one type of document as JSON. */
function onlyJsonWay(partners: CompiledPartner[], connector: string): Way | DocumentError {
  const ways = partners.flatMap((partner) =>
    partner.terms
      .filter(({ plan }) => plan.direction === 'Inbound' && plan.json)
      .map((terms) => wayByTerms(partner, terms)),
  );
  if (ways.length === 1) return ways[0]!;
  return new DocumentError({
    class: 'DecodeFailed',
    code: 'intake.unidentified',
    message:
      ways.length === 0
        ? `The file is neither X12 nor EDIFACT and no Partner on Connector ${connector} sends JSON`
        : `The file is JSON, which names no sender, and ${ways.length} terms on Connector ${connector} could mean it`,
  });
}
