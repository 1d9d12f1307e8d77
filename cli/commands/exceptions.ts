/** `crossdock exceptions`: what does not agree between the documents of business transactions, and what it costs. Exit 0 also with some. */
import Table from 'cli-table3';
import { type Command, Option } from 'commander';
import pc from 'picocolors';
import { countTransactions, type Exception, type ProcessCount, readExceptions } from '../../tracker/transactions.ts';
import { type DatabaseFlags, openAccounts, withDatabase } from '../accounts.ts';
import { registerActs } from '../exception-acts.ts';
import { amount, DENSE, dateTime } from '../text.ts';

const SHOWN = 50;

interface Flags extends DatabaseFlags {
  key?: string;
  all: boolean;
  limit: string;
  output: 'text' | 'json';
}

export function register(program: Command): void {
  const exceptions = withDatabase(program.command('exceptions').enablePositionalOptions())
    .description('what does not agree between orders, shipments, receipts and invoices: overdue first, then by money')
    .option('--key <value>', 'of one transaction, e.g. PO-1001')
    .option('--all', 'closed ones too', false)
    .option('--limit <n>', 'how many at most', String(SHOWN))
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .action((flags: Flags) =>
      openAccounts(flags, async (database, namespace) => {
        const limit = Number(flags.limit);
        if (!Number.isSafeInteger(limit) || limit < 1)
          throw new Error(`--limit ${flags.limit}: a whole number above 0 is expected`);
        const { key, all: closed } = flags;
        const processes = await countTransactions(database, namespace, Date.now());
        const exceptions = await readExceptions(database, namespace, { closed, limit, ...(key && { key }) });
        if (flags.output === 'json')
          process.stdout.write(`${JSON.stringify({ namespace, processes, exceptions }, null, 2)}\n`);
        else process.stdout.write(exceptionsText(processes, exceptions, namespace, Date.now(), key));
      }),
    );
  registerActs(exceptions);
}

/** Of one transaction (`key`) with the ids by which acts name them. */
export function exceptionsText(
  processes: readonly ProcessCount[],
  exceptions: readonly Exception[],
  namespace: string,
  now: number,
  key?: string,
): string {
  if (processes.length === 0) return `No BusinessProcess in namespace ${namespace}.\n`;
  const lines = processes.map(processText);
  if (exceptions.length === 0) return `${[...lines, 'No exceptions.'].join('\n')}\n`;
  const table = new Table({
    head: [
      key === undefined ? 'transaction' : 'id',
      'line',
      'what',
      'expected',
      'actual',
      'at stake',
      'partner',
      'owner',
      'due',
    ],
    style: { head: [], border: [] },
    chars: DENSE,
  });
  for (const one of exceptions)
    table.push([
      key === undefined ? one.key : one.id,
      one.line,
      one.severity === 'Critical' ? pc.red(one.kind) : one.kind,
      one.expected,
      one.actual,
      one.money === undefined ? '' : `${amount(one.money)} ${one.currency ?? ''}`.trim(),
      one.partners.join(', '),
      one.owner ?? '',
      dueText(one, now),
    ]);
  const open = processes.reduce((sum, { exceptions: by }) => sum + Object.values(by).reduce((a, b) => a + b, 0), 0);
  const shown = exceptions.filter(({ closedAt }) => closedAt === undefined).length;
  const more = open > shown ? `\n${shown} of ${open} open exceptions; --limit shows more` : '';
  return `${lines.join('\n')}\n${table.toString()}${more}\n`;
}

const processText = ({ process: name, open, complete, cancelled, late, milestones }: ProcessCount): string => {
  const reached = milestones.map((milestone) => `${milestone.name} ${milestone.reached}`).join(' · ');
  const counts = [
    `${open} open`,
    `${complete} complete`,
    cancelled > 0 && `${cancelled} cancelled`,
    late > 0 && pc.red(`${late} late`),
  ];
  return `${pc.bold(name)}  ${counts.filter(Boolean).join(', ')}${reached && `\n  ${pc.dim(reached)}`}`;
};

function dueText({ dueAt, closedAt, closedBy, snoozedUntil = 0 }: Exception, now: number): string {
  if (closedAt !== undefined)
    return pc.dim(`closed ${dateTime(closedAt)}${closedBy === 'Person' ? ' by a person' : ''}`);
  if (snoozedUntil > now) return pc.dim(`snoozed until ${dateTime(snoozedUntil)}`);
  if (dueAt === undefined) return '';
  return dueAt < now ? pc.red(dateTime(dueAt)) : dateTime(dueAt);
}
