/** `crossdock edi convert`: interchanges as JSON that can be edited, and back as X12, EDIFACT or XML. Pure. */
import type { EdifactDecoded } from '../runtime/formats/edifact/decode.ts';
import { encodeEdifact } from '../runtime/formats/edifact/encode.ts';
import type { ServiceCharacters } from '../runtime/formats/edifact/scan.ts';
import type { Interchange, Problem } from '../runtime/formats/format.ts';
import type { X12Decoded, X12Group } from '../runtime/formats/x12/decode.ts';
import { defaultDelimiters, encodeX12 } from '../runtime/formats/x12/encode.ts';
import type { Delimiters } from '../runtime/formats/x12/scan.ts';
import type { XmlDocument } from '../runtime/formats/xml/decode.ts';
import { encodeXml } from '../runtime/formats/xml/encode.ts';

/** What `--to json` writes, and `--to x12`, `edifact` and `xml` read. */
export type Convertible =
  | { format: 'X12' | 'EDIFACT'; interchanges: ConvertibleInterchange[] }
  | { format: 'XML'; doctype?: string; value: unknown };
export interface ConvertibleInterchange {
  sender: Interchange['sender'];
  receiver: Interchange['receiver'];
  usage: Interchange['usage'];
  /** X12: GS08. EDIFACT: syntax identifier and version. */
  version: string;
  control: string;
  /** Date and time of the envelope, as UTC. */
  at: string;
  delimiters?: Delimiters;
  /** X12: elements of the ISA that do not follow from the rest. */
  isa?: Record<string, string>;
  /** X12: the first group. Default: as of the interchange. */
  group?: ConvertibleGroup;
  /** EDIFACT: announced by a UNA. */
  characters?: ServiceCharacters;
  /** EDIFACT: UNB as it was read, where it says more. */
  unb?: string[][];
  /** X12: TA1 segments, `TA101` … `TA105`. */
  interchangeAcknowledgments?: Record<string, string>[];
  /** X12: `functionalId` where no table describes the transaction. EDIFACT: `type` is UNH02. */
  transactions: {
    id: string;
    control: string;
    type?: string;
    functionalId?: string;
    /** X12: a further group begins here. */
    group?: ConvertibleGroup;
    /** EDIFACT: a group begins here, the elements of its UNG. */
    ung?: string[][];
    value: unknown;
  }[];
}
/** X12: GS06, GS02, GS03, GS08, and of the rest what is unusual. */
export interface ConvertibleGroup {
  control: string;
  sender: string;
  receiver: string;
  version?: string;
  gs?: Record<string, string>;
}
export interface Converted {
  bytes: Buffer;
  problems: Problem[];
}

/** `261123` or `20261123` and `0615` to ISO 8601; the beginning of time where they are none. */
function timeOf(date: string, time: string): string {
  const full = date.length === 6 ? `20${date}` : date;
  const at = new Date(
    `${full.slice(0, 4)}-${full.slice(4, 6)}-${full.slice(6, 8)}T${time.slice(0, 2)}:${time.slice(2, 4)}:00Z`,
  );
  return (Number.isNaN(at.getTime()) ? new Date(0) : at).toISOString();
}

export const fromX12 = ({ interchanges }: X12Decoded): Convertible => ({
  format: 'X12',
  interchanges: interchanges.map((interchange) => {
    const { sender, receiver, usage, version, control, isa, delimiters, groups, interchangeAcknowledgments } =
      interchange;
    const [first] = groups;
    const whole = first?.version ?? version.padEnd(6, '0');
    const at = timeOf(isa.ISA09 ?? '', isa.ISA10 ?? '');
    const usual = { ISA01: '00', ISA02: '', ISA03: '00', ISA04: '', ISA11: 'U', ISA12: whole.slice(0, 5), ISA14: '0' };
    const own = differing(isa, { ...usual, ISA15: usage === 'Production' ? 'P' : 'T' });
    if (delimiters.repetition !== '') delete own.ISA11;
    return {
      ...{ sender, receiver, usage, version: whole, control, at, delimiters },
      ...(interchangeAcknowledgments.length > 0 && { interchangeAcknowledgments }),
      ...(Object.keys(own).length > 0 && { isa: own }),
      ...(first && { group: groupOf(first, at) }),
      transactions: groups.flatMap((group) =>
        group.transactions.map(({ id, control: number, name, value }, i) => ({
          ...{ id, control: number },
          ...(name === '' && { functionalId: group.functionalId }),
          ...(i === 0 && group !== first && { group: { ...groupOf(group, at), version: group.version } }),
          value,
        })),
      ),
    };
  }),
});

/** A GS; with the elements that do not follow from the rest. */
function groupOf({ control, sender, receiver, version, gs }: X12Group, at: string): ConvertibleGroup {
  const stamp = at.replaceAll(/[-:T]/g, '');
  const date = version < '004010' ? stamp.slice(2, 8) : stamp.slice(0, 8);
  const own = differing(gs, { GS04: date, GS05: stamp.slice(8, 12), GS07: 'X', GS06: String(Number(control)) });
  return { control, sender, receiver, ...(Object.keys(own).length > 0 && { gs: own }) };
}

function differing(given: Record<string, string>, usual: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.keys(usual).flatMap((key) => (given[key] === usual[key] ? [] : [[key, given[key] ?? '']])),
  );
}

export const fromEdifact = ({ interchanges }: EdifactDecoded): Convertible => ({
  format: 'EDIFACT',
  interchanges: interchanges.map(({ sender, receiver, usage, version, control, unb, una, characters, groups }) => ({
    ...{ sender, receiver, usage, version, control },
    at: timeOf(unb[3]?.[0] ?? '', unb[3]?.[1] ?? ''),
    ...(una && { characters }),
    ...(isUnusual(unb, version) && { unb }),
    transactions: groups.flatMap((group) =>
      group.transactions.map(({ id, control: number, type, value }, i) => ({
        ...{ id, control: number, type, value },
        ...(i === 0 && group.ung && { ung: group.ung }),
      })),
    ),
  })),
});

/** More stands in the UNB than sender, receiver, time, reference and that it is a test. */
const isUnusual = (unb: string[][], version: string): boolean =>
  unb[1]!.length > 2 ||
  (unb[2]?.length ?? 0) > 2 ||
  (unb[3]?.[0]?.length ?? 0) !== (version.endsWith(':4') ? 8 : 6) ||
  unb.some((parts, i) => i > 4 && i !== 10 && parts.some((part) => part !== ''));

export const fromXml = ({ doctype, value }: XmlDocument): Convertible => ({
  format: 'XML',
  ...(doctype !== undefined && { doctype }),
  value,
});

/** A string says what is wrong with the JSON. */
export function convertible(json: unknown): Convertible | string {
  const { format, interchanges, value } = (typeof json === 'object' && json !== null ? json : {}) as Partial<
    Record<string, unknown>
  >;
  if (format === 'XML' && value !== undefined) return json as Convertible;
  const whole = (one: unknown): boolean => {
    const { sender, receiver, control, transactions, version } = (one ?? {}) as Partial<ConvertibleInterchange>;
    const party = (side: unknown) => typeof (side as { value?: unknown } | undefined)?.value === 'string';
    return (
      party(sender) &&
      party(receiver) &&
      typeof control === 'string' &&
      typeof version === 'string' &&
      Array.isArray(transactions)
    );
  };
  if ((format === 'X12' || format === 'EDIFACT') && Array.isArray(interchanges) && interchanges.every(whole))
    return json as Convertible;
  return 'the JSON is not of the form that `crossdock edi convert --to json` writes: {format, interchanges: [{sender, receiver, usage, version, control, at, transactions}]}';
}

/** In the format that it came in: the interchanges one after the other. */
export function write(converted: Convertible): Converted {
  if (converted.format === 'XML') {
    const { doctype, value } = converted;
    return encodeXml(value, { indent: '  ', ...(doctype !== undefined && { doctype }) });
  }
  const all = converted.interchanges.map((interchange) =>
    converted.format === 'X12' ? writeX12(interchange) : writeEdifact(interchange),
  );
  return { bytes: Buffer.concat(all.map(({ bytes }) => bytes)), problems: all.flatMap(({ problems }) => problems) };
}

function writeX12(interchange: ConvertibleInterchange): Converted {
  const { at, control, delimiters, group, transactions, interchangeAcknowledgments, ...envelope } = interchange;
  const number = Number(control);
  const { text, problems } = encodeX12(
    {
      ...envelope,
      control: number,
      groupControl: group ? Number(group.control) : number,
      ...(group && { groupSender: group.sender, groupReceiver: group.receiver, ...(group.gs && { gs: group.gs }) }),
      at: new Date(at ?? 0),
      delimiters: {
        ...defaultDelimiters,
        ...delimiters,
        repetition: delimiters?.repetition || defaultDelimiters.repetition,
      },
    },
    transactions.map(({ group: own, ...transaction }) => ({
      ...transaction,
      ...(own && { group: { ...own, control: Number(own.control) } }),
    })),
    interchangeAcknowledgments,
  );
  return { bytes: Buffer.from(text), problems };
}

const writeEdifact = ({ at, version, characters, transactions, ...envelope }: ConvertibleInterchange): Converted =>
  encodeEdifact(
    { ...envelope, syntax: version, at: new Date(at ?? 0), lineBreak: '\n', ...(characters && { characters }) },
    transactions.map(({ id, control, type, ung, value }) => ({
      ...{ type: type ?? `${id}:D:96A:UN`, control, value },
      ...(ung && { ung }),
    })),
  );
