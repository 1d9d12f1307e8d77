/** `crossdock report`: how the business did by week and partner, and each partner's scorecard. The same numbers as the console's. */
import Table from 'cli-table3';
import { type Command, Option } from 'commander';
import pc from 'picocolors';
import type { MeasureRow, Scorecard } from '../../tracker/api/contract.ts';
import { readMeasures } from '../../tracker/queries/measures.ts';
import { readScorecards } from '../../tracker/queries/partners.ts';
import { type DatabaseFlags, openAccounts, withDatabase } from '../accounts.ts';
import { span } from '../objectives-text.ts';
import { DENSE, dateTime } from '../text.ts';

interface Flags extends DatabaseFlags {
  partner?: string;
  from?: string;
  to?: string;
  output: 'text' | 'json';
}
export interface Report {
  namespace: string;
  weeks: MeasureRow[];
  partners: ({ partner: string } & Scorecard)[];
}

export function register(program: Command): void {
  withDatabase(program.command('report'))
    .description('how long things took, what was held and what was in time: by week and partner, and by partner')
    .option('--partner <name>', 'of one partner')
    .option('--from <day>', 'a day of the first week, e.g. 2026-03-02 (default: 12 weeks ago)')
    .option('--to <day>', 'a day of the last week (default: this week)')
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .action((flags: Flags) =>
      openAccounts(flags, async (database, namespace) => {
        const { partner, from, to } = flags;
        for (const [name, day] of Object.entries({ from, to }))
          if (day !== undefined && !isDay(day)) throw new Error(`--${name} ${day}: write a day as 2026-03-02`);
        const scope = { database, namespace, processes: [], ...(partner !== undefined && { partner }) };
        const weeks = await readMeasures(scope, { ...(from && { from }), ...(to && { to }) });
        const cards = await readScorecards(scope, Date.now());
        const partners = [...cards]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, card]) => ({ partner: name, ...card }));
        const report: Report = { namespace, weeks, partners };
        process.stdout.write(flags.output === 'json' ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
      }),
    );
}

const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

export function reportText({ namespace, weeks, partners }: Report): string {
  const parts = [
    weeks.length > 0 ? weeksTable(weeks) : `No business transactions in namespace ${namespace} in these weeks.`,
    ...(partners.length > 0 ? [`${pc.bold('Partners, last 90 days')}\n${partnersTable(partners)}`] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}

const percent = (share: number | undefined): string => (share === undefined ? '' : `${(share * 100).toFixed(1)} %`);
const count = (n: number): string => (n === 0 ? '' : String(n));
const spanOf = (seconds: number | undefined): string => (seconds === undefined ? '' : span(seconds));

/** The first column, or two, are names; the others figures. */
function tableOf(head: string[], names: number, rows: string[][]): string {
  const table = new Table({
    head,
    colAligns: head.map((_, i) => (i < names ? 'left' : 'right')),
    style: { head: [], border: [] },
    chars: DENSE,
  });
  table.push(...rows);
  return table.toString();
}

const weeksTable = (weeks: readonly MeasureRow[]): string =>
  tableOf(
    ['week', 'partner', 'transactions', 'complete', 'posted after', 'p95', 'held', 'exceptions', 'in time', 'by hand'],
    2,
    weeks.map(({ receiptToPosting: posted, ...row }, i) => [
      weeks[i - 1]?.week === row.week ? '' : row.week,
      row.partner || pc.dim('none known'),
      String(row.transactions),
      String(row.complete),
      spanOf(posted?.median),
      spanOf(posted?.p95),
      count(row.invoiceHolds),
      count(row.exceptions),
      percent(row.compliance),
      count(row.touches),
    ]),
  );

const partnersTable = (partners: Report['partners']): string =>
  tableOf(
    [
      'partner',
      'transactions',
      'open',
      'confirmed after',
      'acknowledged',
      'notices right',
      'in time',
      'exceptions',
      'dead letters',
      'last document',
    ],
    1,
    partners.map((one) => [
      one.partner,
      String(one.transactions),
      count(one.openTransactions),
      spanOf(one.confirmationSeconds),
      spanOf(one.acknowledgmentSeconds),
      percent(one.asnAccuracy),
      percent(one.onTime),
      count(one.openExceptions),
      count(one.deadLetters),
      one.lastDocumentAt === undefined ? '' : dateTime(Date.parse(one.lastDocumentAt)),
    ]),
  );
