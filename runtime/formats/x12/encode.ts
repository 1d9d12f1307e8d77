/** Documents to X12 text: envelopes, control numbers and counts. Pure: the time is passed in. */
import type { Problem } from '../format.ts';
import type { Delimiters } from './scan.ts';
import { schemaFor } from './schema/index.ts';
import { TransactionWriter } from './write.ts';

export interface Envelope {
  sender: { qualifier: string; value: string };
  receiver: { qualifier: string; value: string };
  usage: 'Production' | 'Test';
  /** GS08, e.g. `004010`. ISA12 is its first five digits. */
  version: string;
  /** ISA13. */
  control: number;
  /** GS06 of the first group; further groups count up. */
  groupControl: number;
  /** Written in UTC. */
  at: Date;
  delimiters: Delimiters;
  /** GS02 and GS03; default the values of ISA06 and ISA08. */
  groupSender?: string;
  groupReceiver?: string;
  /** ISA14: ask for a TA1. */
  acknowledgmentRequested?: boolean;
  /** ISA01 … ISA04, ISA11 (where nothing repeats), ISA12, ISA14 and ISA15 of partners who want others than what follows from the rest. */
  isa?: Readonly<Record<string, string>>;
  /** GS04, GS05, GS07, and GS06 with leading zeros, likewise. */
  gs?: Readonly<Record<string, string>>;
}
/** A GS of its own, which begins with a transaction. Sender, receiver and version are as in the envelope where it says none. */
export interface OutgoingGroup {
  control: number;
  sender?: string;
  receiver?: string;
  version?: string;
  gs?: Readonly<Record<string, string>>;
}
/** `control` is ST02; default 0001, 0002 … within the group. `functionalId` is needed only for transactions that no table describes. */
export interface OutgoingTransaction {
  id: string;
  control?: string;
  functionalId?: string;
  /** Where it stands, a group begins, though the transaction before is of the same functional group. */
  group?: OutgoingGroup;
  value: unknown;
}
export interface Encoded {
  text: string;
  /**
   * An Error means: do not send this text. Warnings say what was altered (a delimiter within data became a space) or is against the
   * table but was written as it is. `place.path` is the JSON pointer in the value, after the index of the transaction: `/0/PO1Loop/2/PO1`.
   */
  problems: Problem[];
}

export const defaultDelimiters: Delimiters = { element: '*', segment: '~', component: '>', repetition: '^' };

/** One interchange; TA1 segments (`TA101` … `TA105`) stand before its groups; consecutive transactions of one functional group (`PO`, `SH` …) share a GS. Never throws for any value. */
export function encodeX12(
  envelope: Envelope,
  transactions: OutgoingTransaction[],
  interchangeAcknowledgments: readonly Record<string, string>[] = [],
): Encoded {
  const problems: Problem[] = [];
  const fail = (message: string): void => {
    problems.push({ code: 'x12.Envelope', severity: 'Error', message, place: {} });
  };
  const delimiters = checkedDelimiters(envelope, fail);
  const { element, segment: end } = delimiters;
  const schema = schemaFor(envelope.version);
  const at = envelope.at.toISOString();
  const stamp = at.slice(0, 4) + at.slice(5, 7) + at.slice(8, 10) + at.slice(11, 13) + at.slice(14, 16);
  const lines: string[] = [isa(envelope, delimiters, stamp, fail)];

  for (const acknowledged of interchangeAcknowledgments)
    lines.push(['TA1', ...TA1_KEYS.map((key) => acknowledged[key] ?? '')].join(element));
  let groups = 0;
  let inGroup = 0;
  let functionalId: string | undefined;
  let groupControl = '';
  const closeGroup = (): void => {
    if (functionalId !== undefined) lines.push(`GE${element}${inGroup}${element}${groupControl}`);
  };
  for (const [index, transaction] of transactions.entries()) {
    const definition = schema.transaction(transaction.id);
    const group = definition?.functionalId ?? transaction.functionalId ?? '';
    if (!/^[A-Z0-9]{2}$/.test(group)) fail(`no functional group (GS01) is known for the transaction ${transaction.id}`);
    if (group !== functionalId || transaction.group) {
      closeGroup();
      const number = transaction.group?.control ?? envelope.groupControl + groups;
      groupControl =
        (transaction.group ? transaction.group.gs : groups === 0 ? envelope.gs : {})?.GS06 ?? String(number);
      lines.push(gs(envelope, delimiters, group, transaction.group, groupControl, stamp, fail));
      functionalId = group;
      groups++;
      inGroup = 0;
    }
    inGroup++;
    const control = transaction.control ?? String(inGroup).padStart(4, '0');
    const writer = new TransactionWriter(schema, delimiters, `/${index}`);
    writer.write(transaction.id, control, definition, transaction.value);
    lines.push(...writer.lines);
    problems.push(...writer.problems);
  }
  closeGroup();
  if (groups === 0 && interchangeAcknowledgments.length === 0) fail('there is no transaction to send');
  lines.push(`IEA${element}${groups}${element}${pad(envelope.control)}`);
  return { text: lines.join(end) + end, problems };
}

const TA1_KEYS = ['TA101', 'TA102', 'TA103', 'TA104', 'TA105'];
const pad = (control: number): string => String(control).padStart(9, '0');

/** One character each, all different, none that occurs in names and numbers. Repetition is empty where the version has none. */
function checkedDelimiters(envelope: Envelope, fail: (message: string) => void): Delimiters {
  const { element, segment, component } = envelope.delimiters;
  const repetition = envelope.version >= '004020' ? envelope.delimiters.repetition : '';
  const used = [element, segment.slice(0, 1), component, ...(repetition ? [repetition] : [])];
  if (envelope.version >= '004020' && repetition === '')
    fail(`version ${envelope.version} needs a repetition separator`);
  if (used.some((char) => char.length !== 1 || /[A-Za-z0-9 ]/.test(char)))
    fail(`delimiters are single characters, neither letters, digits nor blanks: ${JSON.stringify(used)}`);
  if (new Set(used).size !== used.length) fail(`delimiters must differ from each other: ${JSON.stringify(used)}`);
  if (/[^\r\n]/.test(segment.slice(1))) fail('only line breaks may follow the segment terminator');
  return { element, segment, component, repetition };
}

function isa(envelope: Envelope, delimiters: Delimiters, stamp: string, fail: (message: string) => void): string {
  const { sender, receiver, control } = envelope;
  const party = (name: string, { qualifier, value }: { qualifier: string; value: string }): string[] => {
    if (!/^[A-Z0-9]{2}$/.test(qualifier))
      fail(`the ${name}'s qualifier ${JSON.stringify(qualifier)} is not two characters`);
    if (value.trim() === '' || value.length > 15 || hasDelimiter(value, delimiters))
      fail(`the ${name} ${JSON.stringify(value)} is not 1 to 15 characters without delimiters`);
    return [qualifier, value.padEnd(15)];
  };
  if (!Number.isSafeInteger(control) || control < 0 || control > 999_999_999)
    fail(`the interchange control number ${control} has no nine digits`);
  if (!/^\d{6}/.test(envelope.version))
    fail(`the version ${JSON.stringify(envelope.version)} does not begin with six digits`);
  const given = (key: string, usual: string, width: number): string => {
    const value = envelope.isa?.[key] ?? usual;
    if (value.length > width || hasDelimiter(value, delimiters))
      fail(`${key} ${JSON.stringify(value)} is not ${width} characters without delimiters`);
    return value.padEnd(width);
  };
  const elements = [
    ...['ISA', given('ISA01', '00', 2), given('ISA02', '', 10), given('ISA03', '00', 2), given('ISA04', '', 10)],
    ...party('sender', sender),
    ...party('receiver', receiver),
    ...[stamp.slice(2, 8), stamp.slice(8, 12), delimiters.repetition || given('ISA11', 'U', 1)],
    ...[given('ISA12', envelope.version.slice(0, 5), 5), pad(control)],
    ...[
      given('ISA14', envelope.acknowledgmentRequested ? '1' : '0', 1),
      given('ISA15', envelope.usage === 'Production' ? 'P' : 'T', 1),
    ],
    delimiters.component,
  ];
  return elements.join(delimiters.element);
}

function gs(
  envelope: Envelope,
  delimiters: Delimiters,
  functionalId: string,
  group: OutgoingGroup | undefined,
  control: string,
  stamp: string,
  fail: (message: string) => void,
): string {
  const sender = group?.sender ?? envelope.groupSender ?? envelope.sender.value;
  const receiver = group?.receiver ?? envelope.groupReceiver ?? envelope.receiver.value;
  const version = group?.version ?? envelope.version;
  const { GS04, GS05, GS07 } = (group ? group.gs : envelope.gs) ?? {};
  for (const code of [sender, receiver]) {
    if (code.length < 2 || code.length > 15 || hasDelimiter(code, delimiters))
      fail(`the application code ${JSON.stringify(code)} (GS02, GS03) is not 2 to 15 characters`);
  }
  if (!/^\d{1,9}$/.test(control)) fail(`the group control number ${control} is not one to nine digits`);
  for (const value of [GS04, GS05, GS07]) {
    if (value !== undefined && hasDelimiter(value, delimiters))
      fail(`GS04, GS05 and GS07 hold no delimiters: ${JSON.stringify(value)}`);
  }
  const date = version < '004010' ? stamp.slice(2, 8) : stamp.slice(0, 8);
  const time = GS05 ?? stamp.slice(8, 12);
  return ['GS', functionalId, sender, receiver, GS04 ?? date, time, control, GS07 ?? 'X', version].join(
    delimiters.element,
  );
}

function hasDelimiter(value: string, { element, segment, component, repetition }: Delimiters): boolean {
  return (
    value.includes(element) ||
    value.includes(segment[0]!) ||
    value.includes(component) ||
    (repetition !== '' && value.includes(repetition))
  );
}
