/** Builds interchanges for tests: right envelopes around given segments, so that a case states only what is special about it. */
import { decodeX12, type X12Decoded, type X12Interchange } from '../decode.ts';
import { type Envelope, encodeX12 } from '../encode.ts';

export const ISA =
  'ISA*00*          *00*          *ZZ*ACME           *ZZ*EXDIST         *261123*1200*U*00401*000000007*0*P*>~';
export const ISA_00501 =
  'ISA*00*          *00*          *ZZ*ACME           *ZZ*EXDIST         *261123*1200*^*00501*000000007*0*P*>~';

/** One transaction in an interchange with right counts; `segments` stand between ST and SE, without terminators. */
export function wrap(id: string, segments: string[], group = 'SH', version = '004010', isa = ISA): string {
  const st = `ST*${id}*0001~${segments.map((segment) => `${segment}~`).join('')}SE*${segments.length + 2}*0001~`;
  return `${isa}GS*${group}*ACME*EXDIST*20261123*1200*7*X*${version}~${st}GE*1*7~IEA*1*000000007~`;
}

export const decodeText = (text: string, options = {}): X12Decoded => decodeX12(Buffer.from(text), options);

/** Codes of all problems, wherever they are. */
export function allCodes(decoded: X12Decoded): string[] {
  const inside = decoded.interchanges.flatMap((interchange) => [
    ...interchange.problems,
    ...interchange.groups.flatMap((group) => [
      ...group.problems,
      ...group.transactions.flatMap(({ problems }) => problems),
    ]),
  ]);
  return [...decoded.problems, ...inside].map(({ code }) => code);
}

export const firstTransaction = (decoded: X12Decoded) => decoded.interchanges[0]!.groups[0]!.transactions[0]!;

/** The envelope that an interchange came in, to write it again. */
export function envelopeOf(interchange: X12Interchange, lineBreak = ''): Envelope {
  const { isa, groups, delimiters } = interchange;
  const gs = groups[0]!.gs;
  const [, year, month, day] = /(..)(..)(..)/.exec(isa.ISA09!)!;
  return {
    sender: interchange.sender,
    receiver: interchange.receiver,
    usage: interchange.usage,
    version: gs.GS08!,
    control: Number(interchange.control),
    groupControl: Number(gs.GS06),
    at: new Date(`20${year}-${month}-${day}T${isa.ISA10!.slice(0, 2)}:${isa.ISA10!.slice(2)}:00Z`),
    delimiters: { ...delimiters, segment: delimiters.segment + lineBreak },
    groupSender: gs.GS02!,
    groupReceiver: gs.GS03!,
    acknowledgmentRequested: isa.ISA14 === '1',
  };
}

/** encode(decode(text)), for a file with one interchange. */
export function again(text: string, lineBreak = ''): { text: string; problems: unknown[] } {
  const interchange = decodeText(text).interchanges[0]!;
  const transactions = interchange.groups.flatMap((group) =>
    group.transactions.map(({ id, control, value }) => ({ id, control, value, functionalId: group.functionalId })),
  );
  return encodeX12(envelopeOf(interchange, lineBreak), transactions);
}
