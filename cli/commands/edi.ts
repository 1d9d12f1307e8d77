/** `crossdock edi`: look into files of partners, and convert them. Exit 0 readable, 1 with problems, 2 unreadable or called wrongly. */
import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import colors from 'picocolors';
import { decodeEdifact } from '../../runtime/formats/edifact/decode.ts';
import type { Decoded, Problem } from '../../runtime/formats/format.ts';
import { decodeJson } from '../../runtime/formats/json/json.ts';
import type { EnvelopeErrors } from '../../runtime/formats/reporter.ts';
import { envelopeWithin, formatOf } from '../../runtime/formats/sniff.ts';
import { decodeX12 } from '../../runtime/formats/x12/decode.ts';
import { decodeXml } from '../../runtime/formats/xml/decode.ts';
import { type Inspection, inspectBytes, inspectionJson, treeOf, verdictOf } from '../edi.ts';
import { type Convertible, convertible, fromEdifact, fromX12, fromXml, write } from '../edi-convert.ts';

const UNREADABLE = 2;

interface Flags {
  output: 'text' | 'json';
  envelopeErrors: EnvelopeErrors;
}

export function register(program: Command): void {
  const edi = program
    .command('edi')
    .description(
      'Files of partners (X12, EDIFACT, XML): what is in them, what is wrong with them, and as JSON and back.',
    );
  const verb = (name: string, description: string, run: (inspection: Inspection, file: string, flags: Flags) => void) =>
    edi
      .command(name)
      .description(description)
      .argument('<file>', 'file to read; - reads standard input')
      .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
      .addOption(
        new Option('--envelope-errors <policy>', 'what wrong counts and control numbers are')
          .choices(['Reject', 'Warn', 'Accept'])
          .default('Reject'),
      )
      .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : UNREADABLE))
      .action((file: string, flags: Flags, command: Command) => run(read(file, flags, command), file, flags));
  verb('inspect', 'Shows a file as a tree, segments and elements named in words.', inspect);
  verb('validate', 'Checks a file: envelopes, counts, order, elements. Warnings alone pass.', validate);
  edi
    .command('convert')
    .description(
      'Writes a file as JSON that can be edited, and such JSON as X12, EDIFACT or XML again; a file in its own format comes out tidied.',
    )
    .argument('<file>', 'file to read; - reads standard input')
    .addOption(new Option('--to <format>', 'what to write').choices([...FORMATS]).makeOptionMandatory())
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : UNREADABLE))
    .action((file: string, { to }: { to: Format }, command: Command) => convert(file, to, command));
}

const FORMATS = ['json', 'x12', 'edifact', 'xml'] as const;
type Format = (typeof FORMATS)[number];

function convert(file: string, to: Format, command: Command): void {
  const bytes = bytesOf(file, command);
  const { source, problems } = sourceOf(bytes);
  for (const { severity, message, place } of problems)
    process.stderr.write(`${file}:${place.line ?? ''} ${severity.toLowerCase()} ${message}\n`);
  if (source === undefined) {
    process.exitCode = UNREADABLE;
    return;
  }
  let errors = count(problems, 'Error');
  if (to === 'json') process.stdout.write(`${JSON.stringify(source, null, 2)}\n`);
  else if (source.format.toLowerCase() !== to) {
    command.error(
      `error: ${file} is ${source.format}: what it means in ${to} is for a Mapping to say; convert it to json`,
      { exitCode: UNREADABLE },
    );
  } else {
    const written = write(source);
    for (const { severity, message, place } of written.problems)
      process.stderr.write(`${file}: ${severity.toLowerCase()} ${place.path ?? ''} ${message}\n`);
    process.stdout.write(written.bytes);
    errors += count(written.problems, 'Error');
  }
  process.exitCode = errors > 0 ? 1 : 0;
}

function sourceOf(bytes: Buffer): { source?: Convertible; problems: Problem[] } {
  const format = formatOf(bytes) ?? envelopeWithin(bytes);
  if (format === 'JSON') {
    const { value, problems } = decodeJson(bytes);
    if (value === undefined) return { problems };
    const source = convertible(value);
    if (typeof source !== 'string') return { source, problems };
    return { problems: [{ code: 'json.Form', severity: 'Error', message: source, place: {} }] };
  }
  if (format === 'XML') {
    const decoded = decodeXml(bytes);
    return { problems: decoded.problems, ...(decoded.value !== undefined && { source: fromXml(decoded) }) };
  }
  if (format === 'EDIFACT') {
    const decoded = decodeEdifact(bytes);
    return { problems: allProblems(decoded), ...(decoded.interchanges.length > 0 && { source: fromEdifact(decoded) }) };
  }
  const decoded = decodeX12(bytes);
  return { problems: allProblems(decoded), ...(decoded.interchanges.length > 0 && { source: fromX12(decoded) }) };
}

const allProblems = ({ problems, interchanges }: Decoded): Problem[] => [
  ...problems,
  ...interchanges.flatMap((interchange) => [
    ...interchange.problems,
    ...interchange.groups.flatMap((group) => [
      ...group.problems,
      ...group.transactions.flatMap((transaction) => transaction.problems),
    ]),
  ]),
];

function bytesOf(file: string, command: Command): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    command.error(`error: ${file} cannot be read: ${(error as Error).message}`, { exitCode: UNREADABLE });
  }
}

function read(file: string, flags: Flags, command: Command): Inspection {
  return inspectBytes(bytesOf(file, command), flags.envelopeErrors);
}

function inspect(inspection: Inspection, file: string, { output }: Flags): void {
  const paint = paints();
  const text =
    output === 'json' ? JSON.stringify(inspectionJson(inspection), null, 2) : treeOf(inspection, paint).join('\n');
  process.stdout.write(`${text}\n`);
  if (output === 'text') process.stderr.write(summary(inspection, file, paint));
  process.exitCode = verdictOf(inspection);
}

function validate(inspection: Inspection, file: string, { output }: Flags): void {
  const paint = paints();
  const { format, problems } = inspection;
  const errors = count(problems, 'Error');
  if (output === 'json')
    process.stdout.write(
      `${JSON.stringify({ format, errors, warnings: problems.length - errors, problems }, null, 2)}\n`,
    );
  else {
    for (const problem of problems)
      process.stdout.write(
        `${located(file, problem)} ${shade(paint, problem.severity)(problem.severity.toLowerCase())} ${problem.message} ${paint.dim(problem.code)}\n`,
      );
    process.stdout.write(summary(inspection, file, paint));
  }
  process.exitCode = inspection.interchanges.length === 0 ? UNREADABLE : errors > 0 ? 1 : 0;
}

const paints = () => colors.createColors(process.stdout.isTTY === true && process.env.NO_COLOR === undefined);
const shade = (paint: ReturnType<typeof paints>, severity: Problem['severity']) =>
  severity === 'Error' ? paint.red : paint.yellow;
const count = (problems: { severity: string }[], severity: string): number =>
  problems.filter((problem) => problem.severity === severity).length;

function located(file: string, { line, segment, segmentId, element }: Inspection['problems'][number]): string {
  const where =
    segment === undefined
      ? ''
      : ` segment ${segment} ${segmentId ?? ''}${element === undefined ? '' : String(element).padStart(2, '0')}`;
  return `${file}${line === undefined ? '' : `:${line}`}:${where}`;
}

function summary({ interchanges, problems }: Inspection, file: string, paint: ReturnType<typeof paints>): string {
  if (interchanges.length === 0)
    return `${paint.red('unreadable')} ${file}: ${(problems.find(({ severity }) => severity === 'Error') ?? problems[0])?.message ?? 'nothing in it'}\n`;
  const transactions = interchanges.reduce((sum, interchange) => sum + interchange.transactions.length, 0);
  const errors = count(problems, 'Error');
  const found =
    problems.length === 0 ? paint.green('no problems') : `${errors} errors, ${problems.length - errors} warnings`;
  return `${interchanges.length} interchanges, ${transactions} transactions: ${found}\n`;
}
