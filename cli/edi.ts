/** What `crossdock edi` shows of a file: plain JSON, and lines of text. Pure. */
import type colors from 'picocolors';
import { decodeEdifact, type EdifactDecoded, type EdifactMessage } from '../runtime/formats/edifact/decode.ts';
import { directoryFor } from '../runtime/formats/edifact/schema/index.ts';
import type { ElementDef } from '../runtime/formats/edifact/schema/schema.ts';
import { titleOf as messageTitle } from '../runtime/formats/edifact/schema/titles.ts';
import type { Decoded, Interchange, Problem } from '../runtime/formats/format.ts';
import type { EnvelopeErrors } from '../runtime/formats/reporter.ts';
import { envelopeWithin, formatOf } from '../runtime/formats/sniff.ts';
import { readInterchangeAcknowledgment } from '../runtime/formats/x12/confirm.ts';
import { decodeX12, type X12Decoded, type X12Interchange, type X12Transaction } from '../runtime/formats/x12/decode.ts';
import { keyOf } from '../runtime/formats/x12/element.ts';
import { schemaFor } from '../runtime/formats/x12/schema/index.ts';
import type { Schema } from '../runtime/formats/x12/schema/schema.ts';
import { titleOf as transactionTitle } from '../runtime/formats/x12/schema/titles.ts';
import { decodeXml, type XmlDocument } from '../runtime/formats/xml/decode.ts';

type Paint = ReturnType<typeof colors.createColors>;

export interface Inspection {
  /** XML has no envelope: one interchange without names, its elements as segments with attributes and text as elements. */
  format: 'X12' | 'EDIFACT' | 'XML';
  interchanges: InspectedInterchange[];
  /** All problems of the file, wherever they are. */
  problems: InspectedProblem[];
}
export interface InspectedInterchange {
  control: string;
  sender: string;
  receiver: string;
  usage: string;
  version: string;
  groups: { functionalId: string; control: string; version: string; transactions: number }[];
  transactions: InspectedTransaction[];
}
export interface InspectedTransaction {
  id: string;
  control: string;
  name: string;
  /** Control number of its group. */
  group: string;
  /** GS08; of an EDIFACT message all of UNH02 but the type: `D:96A:UN:EAN008`. */
  version: string;
  segments: InspectedSegment[];
  /** What a mapping reads. */
  value: unknown;
}
export interface InspectedSegment {
  id: string;
  name: string;
  /** In the file, from 1. */
  segment: number;
  depth: number;
  /** As written, from the first. EDIFACT: each a list of components. */
  elements: (string | string[])[];
  /** EDIFACT syntax version 4: all repetitions of an element, by its number from 1. */
  repetitions?: Record<string, string[][]>;
}
export interface InspectedProblem {
  code: string;
  severity: Problem['severity'];
  message: string;
  /** Interchange and transaction (ST02) that it belongs to. */
  interchange?: string;
  transaction?: string;
  line?: number;
  /** Number in the file, from 1. */
  segment?: number;
  segmentId?: string;
  element?: number;
  byte?: number;
}

export function inspectBytes(bytes: Buffer, envelopeErrors: EnvelopeErrors = 'Reject'): Inspection {
  const options = { envelopeErrors, keepSegments: true };
  const format = formatOf(bytes) ?? envelopeWithin(bytes);
  if (format === 'EDIFACT') return inspectEdifact(decodeEdifact(bytes, options));
  if (format === 'XML') return inspectXml(decodeXml(bytes));
  // All else is X12, or is said not to be.
  return inspectX12(decodeX12(bytes, options));
}

/** Exit code of `inspect`: 0 readable, 1 with problems, 2 unreadable. */
export const verdictOf = ({ interchanges, problems }: Inspection): 0 | 1 | 2 =>
  interchanges.length === 0 ? 2 : problems.length > 0 ? 1 : 0;

/** What `crossdock edi inspect -o json` prints, and no more: for programs. What a mapping reads is shown by `convert --to json`. */
export interface InspectionJson {
  format: Inspection['format'];
  interchanges: {
    control: string;
    groups?: InspectedInterchange['groups'];
    transactions: Pick<InspectedTransaction, 'id' | 'control' | 'segments'>[];
  }[];
  problems: { code: string; line: number | null; segment: number | null; element: number | null; message: string }[];
}

export function inspectionJson({ format, interchanges, problems }: Inspection): InspectionJson {
  return {
    format,
    interchanges: interchanges.map(({ control, groups, transactions }) => {
      // Messages of EDIFACT need no group around them, and XML has none.
      const named = groups.filter(({ functionalId }) => functionalId !== '' || format === 'X12');
      return {
        control,
        ...(named.length > 0 && { groups: named }),
        transactions: transactions.map(({ id, control: number, segments }) => ({ id, control: number, segments })),
      };
    }),
    problems: problems.map(({ code, line = null, segment = null, element = null, message }) => ({
      ...{ code, line, segment, element, message },
    })),
  };
}

export function inspectX12(decoded: X12Decoded): Inspection {
  return { format: 'X12', interchanges: decoded.interchanges.map(interchangeOf), problems: problemsOf(decoded) };
}

export function inspectEdifact(decoded: EdifactDecoded): Inspection {
  const interchanges = decoded.interchanges.map((interchange) => ({
    ...headOf(interchange),
    transactions: interchange.groups.flatMap((group) =>
      group.transactions.map((message) => messageOf(message, group.control)),
    ),
  }));
  return { format: 'EDIFACT', interchanges, problems: problemsOf(decoded) };
}

function messageOf({ id, control, type, name, segments, value }: EdifactMessage, group: string): InspectedTransaction {
  const version = type.split(':').slice(1).join(':');
  const directory = directoryFor(type.split(':')[2] ?? '');
  const shown = (segments ?? []).map(({ id, elements, repetitions, number, depth }) => ({
    id,
    name: directory.segment(id)?.name ?? '',
    segment: number,
    depth,
    elements,
    ...(repetitions && { repetitions }),
  }));
  return { id, control, name: name || untabled(messageTitle(id)), group, version, segments: shown, value };
}

/** Of what no table describes. */
const untabled = (title: string): string => [title, 'no table describes it'].filter(Boolean).join(', ');

export function inspectXml({ id, value, problems, encoding }: XmlDocument): Inspection {
  const segments: InspectedSegment[] = [];
  const walk = (name: string, content: unknown, depth: number): void => {
    const shown: InspectedSegment = { id: name, name: '', segment: segments.length + 1, depth, elements: [] };
    segments.push(shown);
    if (typeof content !== 'object' || content === null) {
      shown.elements.push(String(content));
      return;
    }
    for (const [key, part] of Object.entries(content)) {
      if (key === '#order') continue;
      for (const item of Array.isArray(part) ? part : [part]) {
        if (key.startsWith('@')) shown.elements.push(`${key} ${item}`);
        else if (key.startsWith('#')) shown.elements.push(String(item));
        else walk(key, item, depth + 1);
      }
    }
  };
  for (const [name, content] of Object.entries(value ?? {})) walk(name, content, 0);
  const none = { control: '', sender: '', receiver: '', usage: '', groups: [] };
  const transaction = { id, control: '', name: '', group: '', version: '', segments, value };
  const found = problems.map((problem) => problemOf(problem));
  if (value === undefined) return { format: 'XML', interchanges: [], problems: found };
  return {
    format: 'XML',
    interchanges: [{ ...none, version: encoding, transactions: [transaction] }],
    problems: found,
  };
}

/** One line per element, its attributes and text behind it. */
function xmlTree({ interchanges, problems }: Inspection, paint: Paint): string[] {
  const lines = problems.map(
    ({ severity, message }) => `${(severity === 'Error' ? paint.red : paint.yellow)(`! ${message}`)}`,
  );
  for (const { transactions } of interchanges)
    for (const { id, depth, elements } of transactions[0]!.segments)
      lines.push(`${'  '.repeat(depth)}${paint.cyan(id)} ${printable(elements.join('  '))}`.trimEnd());
  return lines;
}

function problemsOf(decoded: Decoded): InspectedProblem[] {
  const problems = decoded.problems.map((problem) => problemOf(problem));
  for (const interchange of decoded.interchanges) {
    const { control } = interchange;
    problems.push(...interchange.problems.map((problem) => problemOf(problem, control)));
    for (const group of interchange.groups) {
      problems.push(...group.problems.map((problem) => problemOf(problem, control)));
      for (const transaction of group.transactions)
        problems.push(...transaction.problems.map((problem) => problemOf(problem, control, transaction.control)));
    }
  }
  return problems.sort((a, b) => (a.byte ?? 0) - (b.byte ?? 0));
}

function problemOf(
  { code, severity, message, place }: Problem,
  interchange?: string,
  transaction?: string,
): InspectedProblem {
  const { line, segment, segmentId, element, byte } = place;
  const all = { code, severity, message, interchange, transaction, line, segment, segmentId, element, byte };
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  ) as unknown as InspectedProblem;
}

function interchangeOf(interchange: X12Interchange): InspectedInterchange {
  const transactions = interchange.groups.flatMap((group) =>
    group.transactions.map((transaction) => transactionOf(transaction, group.control, group.version)),
  );
  const confirmations = interchange.interchangeAcknowledgments.map((segment) =>
    confirmationOf(segment, interchange.version),
  );
  return { ...headOf(interchange), transactions: [...confirmations, ...transactions] };
}

/** A TA1 stands beside the groups; it is shown as a transaction of one segment. */
function confirmationOf(value: Record<string, string>, version: string): InspectedTransaction {
  const elements = Object.values(value);
  const { name = '' } = schemaFor(version).segment('TA1') ?? {};
  const segments = [{ id: 'TA1', name, segment: 0, depth: 0, elements }];
  const { status, error } = readInterchangeAcknowledgment(value);
  const said = [status.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`), error].filter(Boolean);
  return {
    id: 'TA1',
    control: value.TA101 ?? '',
    name: `${name}: ${said.join(', ')}`,
    group: '',
    version,
    segments,
    value,
  };
}

function headOf({
  control,
  sender,
  receiver,
  usage,
  version,
  groups,
}: Interchange): Omit<InspectedInterchange, 'transactions'> {
  const party = ({ qualifier, value }: { qualifier: string; value: string }): string =>
    qualifier ? `${qualifier}:${value}` : value;
  const inspected = groups.map((group) => ({
    functionalId: group.functionalId,
    control: group.control,
    version: group.version,
    transactions: group.transactions.length,
  }));
  return { control, sender: party(sender), receiver: party(receiver), usage, version, groups: inspected };
}

function transactionOf(
  { id, control, name, segments, value }: X12Transaction,
  group: string,
  version: string,
): InspectedTransaction {
  const schema = schemaFor(version);
  const shown = (segments ?? []).map(({ id, elements, number, depth }) => ({
    id,
    name: schema.segment(id)?.name ?? '',
    segment: number,
    depth,
    elements,
  }));
  return { id, control, name: name || untabled(transactionTitle(id)), group, version, segments: shown, value };
}

/** One line per envelope, segment and element; problems under the segment that they are about. */
export function treeOf(inspection: Inspection, paint: Paint): string[] {
  const { format, interchanges, problems } = inspection;
  if (format === 'XML') return xmlTree(inspection, paint);
  const lines: string[] = [];
  const bySegment = Map.groupBy(problems, ({ segment }) => segment);
  const say = (indent: string, segment: number | undefined): void => {
    for (const { severity, message } of bySegment.get(segment) ?? [])
      lines.push(`${indent}${(severity === 'Error' ? paint.red : paint.yellow)(`! ${message}`)}`);
    bySegment.delete(segment);
  };
  for (const { control, sender, receiver, usage, version, groups, transactions } of interchanges) {
    lines.push(`${paint.bold(`interchange ${control}`)} ${sender} → ${receiver} ${usage} ${version}`);
    const confirmations = transactions.filter(({ id, group }) => id === 'TA1' && group === '');
    for (const { control: number, name, version: own, segments } of confirmations) {
      lines.push(`  ${paint.bold(`TA1 ${number}`)} ${name}`);
      for (const segment of segments)
        lines.push(...elementLines(segment, definitionsOf(format, own)('TA1'), paint).map((line) => `    ${line}`));
    }
    let shown = confirmations.length;
    for (const group of groups) {
      // EDIFACT messages need no group around them.
      const title =
        group.functionalId === '' && format === 'EDIFACT' ? 'no group' : `group ${group.functionalId} ${group.control}`;
      lines.push(
        `  ${paint.bold(title)} ${[group.version, `${group.transactions} transactions`].filter(Boolean).join(', ')}`,
      );
      const first = shown;
      shown += group.transactions;
      for (const transaction of transactions.slice(first, shown)) {
        lines.push(`    ${paint.bold(`${transaction.id} ${transaction.control}`)} ${transaction.name}`);
        const definitions = definitionsOf(format, transaction.version);
        for (const segment of transaction.segments) {
          const indent = ' '.repeat(6 + 2 * segment.depth);
          lines.push(`${indent}${paint.cyan(segment.id)} ${segment.name}`);
          lines.push(...elementLines(segment, definitions(segment.id), paint).map((line) => `${indent}  ${line}`));
          say(`${indent}  `, segment.segment);
        }
      }
    }
  }
  for (const segment of [...bySegment.keys()]) say('', segment);
  return lines;
}

type Definition = { name: string; components: { name: string }[] };

/** The elements of a segment, by the tables of its version. */
function definitionsOf(format: Inspection['format'], version: string): (segment: string) => Definition[] {
  if (format === 'X12') {
    const schema: Schema = schemaFor(version);
    return (segment) => schema.segment(segment)?.elements ?? [];
  }
  const directory = directoryFor(version.split(':')[1] ?? '');
  return (segment): ElementDef[] => directory.segment(segment)?.elements ?? [];
}

/** A composite of EDIFACT one line per component, everything else one line per element. */
function elementLines(
  { id, elements, repetitions }: InspectedSegment,
  definitions: Definition[],
  paint: Paint,
): string[] {
  const line = (key: string, value: string, name: string | undefined): string[] =>
    value.trim() === '' ? [] : [`${paint.dim(key)} ${printable(value)}${name ? paint.dim(`  ${name}`) : ''}`];
  return elements.flatMap((parts, i) => {
    const key = keyOf(id, i + 1);
    const definition = definitions[i];
    if (typeof parts === 'string') return line(key, parts, definition?.name);
    const { name, components } = definition ?? { name: undefined, components: [] };
    if (components.length === 0 && parts.length === 1) return line(key, parts[0]!, name);
    return (repetitions?.[String(i + 1)] ?? [parts]).flatMap((each) =>
      each.flatMap((part, j) => line(keyOf(key, j + 1), part, components[j]?.name)),
    );
  });
}

/** Control characters of a broken file must not reach a terminal. */
const printable = (text: string): string =>
  Array.from(text, (char) => (/\p{Cc}/u.test(char) ? JSON.stringify(char).slice(1, -1).padEnd(2, '?') : char)).join('');
