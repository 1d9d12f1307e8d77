/** What `crossdock edi` shows of a file: plain JSON, and lines of text. Pure. */
import type colors from 'picocolors';
import type { Problem } from '../runtime/formats/format.ts';
import type { X12Decoded, X12Interchange, X12Transaction } from '../runtime/formats/x12/decode.ts';
import { keyOf } from '../runtime/formats/x12/element.ts';
import { schemaFor } from '../runtime/formats/x12/schema/index.ts';
import type { Schema } from '../runtime/formats/x12/schema/schema.ts';

type Paint = ReturnType<typeof colors.createColors>;

export interface Inspection {
  format: 'X12';
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
  /** GS08. */
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
  /** As written, from the first. */
  elements: string[];
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

export function inspectX12(decoded: X12Decoded): Inspection {
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
  problems.sort((a, b) => (a.byte ?? 0) - (b.byte ?? 0));
  return { format: 'X12', interchanges: decoded.interchanges.map(interchangeOf), problems };
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

function interchangeOf({ control, sender, receiver, usage, version, groups }: X12Interchange): InspectedInterchange {
  const party = ({ qualifier, value }: { qualifier: string; value: string }): string => `${qualifier}:${value}`;
  return {
    control,
    sender: party(sender),
    receiver: party(receiver),
    usage,
    version,
    groups: groups.map((group) => ({
      functionalId: group.functionalId,
      control: group.control,
      version: group.version,
      transactions: group.transactions.length,
    })),
    transactions: groups.flatMap((group) =>
      group.transactions.map((transaction) => transactionOf(transaction, group.control, group.version)),
    ),
  };
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
  return { id, control, name, group, version, segments: shown, value };
}

/** One line per envelope, segment and element; problems under the segment that they are about. */
export function treeOf({ interchanges, problems }: Inspection, paint: Paint): string[] {
  const lines: string[] = [];
  const bySegment = Map.groupBy(problems, ({ segment }) => segment);
  const say = (indent: string, segment: number | undefined): void => {
    for (const { severity, message } of bySegment.get(segment) ?? [])
      lines.push(`${indent}${(severity === 'Error' ? paint.red : paint.yellow)(`! ${message}`)}`);
    bySegment.delete(segment);
  };
  for (const { control, sender, receiver, usage, version, groups, transactions } of interchanges) {
    lines.push(`${paint.bold(`interchange ${control}`)} ${sender} → ${receiver} ${usage} ${version}`);
    for (const group of groups) {
      lines.push(
        `  ${paint.bold(`group ${group.functionalId} ${group.control}`)} ${group.version}, ${group.transactions} transactions`,
      );
      for (const transaction of transactions.filter(
        (each) => each.group === group.control && each.version === group.version,
      )) {
        lines.push(
          `    ${paint.bold(`${transaction.id} ${transaction.control}`)} ${transaction.name || 'no table describes it'}`,
        );
        const schema = schemaFor(transaction.version);
        for (const segment of transaction.segments) {
          const indent = ' '.repeat(6 + 2 * segment.depth);
          lines.push(`${indent}${paint.cyan(segment.id)} ${segment.name}`);
          lines.push(...elementLines(segment, schema, paint).map((line) => `${indent}  ${line}`));
          say(`${indent}  `, segment.segment);
        }
      }
    }
  }
  for (const segment of [...bySegment.keys()]) say('', segment);
  return lines;
}

function elementLines({ id, elements }: InspectedSegment, schema: Schema, paint: Paint): string[] {
  const definitions = schema.segment(id)?.elements ?? [];
  return elements.flatMap((value, i) => {
    if (value === '') return [];
    const definition = definitions[i];
    return [`${paint.dim(keyOf(id, i + 1))} ${printable(value)}${definition ? paint.dim(`  ${definition.name}`) : ''}`];
  });
}

/** Control characters of a broken file must not reach a terminal. */
const printable = (text: string): string =>
  Array.from(text, (char) => (/\p{Cc}/u.test(char) ? JSON.stringify(char).slice(1, -1).padEnd(2, '?') : char)).join('');
