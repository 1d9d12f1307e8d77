/** `crossdock sla`: who is late, by SLAPolicy and by partner, and by how much. Exit 0 also when somebody is. */
import Table from 'cli-table3';
import { type Command, Option } from 'commander';
import pc from 'picocolors';
import {
  countLateByPartner,
  countObjectives,
  type Objective,
  type ObjectiveCount,
  type PartnerLate,
  readLate,
} from '../../tracker/deadlines/read.ts';
import { type DatabaseFlags, openAccounts, withDatabase } from '../accounts.ts';
import { ago, stateText } from '../objectives-text.ts';
import { DENSE, dateTime } from '../text.ts';

const SHOWN = 50;

interface Flags extends DatabaseFlags {
  policy?: string;
  partner?: string;
  pending: boolean;
  limit: string;
  output: 'text' | 'json';
}

export function register(program: Command): void {
  withDatabase(program.command('sla'))
    .description('which deadlines passed or are near, the longest overdue first')
    .option('--policy <name>', 'of one SLAPolicy')
    .option('--partner <name>', 'of one partner')
    .option('--pending', 'those whose deadline is ahead too', false)
    .option('--limit <n>', 'how many at most', String(SHOWN))
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .action((flags: Flags) =>
      openAccounts(flags, async (database, namespace) => {
        const limit = Number(flags.limit);
        if (!Number.isSafeInteger(limit) || limit < 1)
          throw new Error(`--limit ${flags.limit}: a whole number above 0 is expected`);
        const { policy, partner, pending } = flags;
        const counts = (await countObjectives(database, namespace)).filter(
          (one) => policy === undefined || one.policy === policy,
        );
        const partners = (await countLateByPartner(database, namespace, policy)).filter(
          (one) => partner === undefined || one.partner === partner,
        );
        const objectives = await readLate(database, namespace, {
          limit,
          ...(policy !== undefined && { policy }),
          ...(partner !== undefined && { partner }),
          ...(pending && { states: ['Pending', 'Warning', 'Breached'] as const }),
        });
        if (flags.output === 'json')
          process.stdout.write(`${JSON.stringify({ namespace, policies: counts, partners, objectives }, null, 2)}\n`);
        else process.stdout.write(slaText({ counts, partners, objectives }, namespace, Date.now()));
      }),
    );
}

export function slaText(
  {
    counts,
    partners,
    objectives,
  }: { counts: readonly ObjectiveCount[]; partners: readonly PartnerLate[]; objectives: readonly Objective[] },
  namespace: string,
  now: number,
): string {
  if (counts.length === 0)
    return `No deadlines in namespace ${namespace}: no SLAPolicy, or no transaction that one is about.\n`;
  const summary = new Table({
    head: ['policy', 'objective', 'late', 'near', 'ahead', 'met', 'met late', 'void', 'breached'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
    chars: DENSE,
  });
  for (const { policy, objective, counts: by, burn } of counts)
    summary.push([
      policy,
      objective,
      by.Breached > 0 ? pc.red(by.Breached) : '0',
      by.Warning > 0 ? pc.yellow(by.Warning) : '0',
      by.Pending,
      by.Met,
      by.MetLate,
      by.Void,
      `${(burn * 100).toFixed(1)} %`,
    ]);
  const late = partners.map(
    ({ partner, breached, warning }) =>
      `  ${partner === '' ? pc.dim('no partner known') : partner}  ${[breached > 0 && pc.red(`${breached} late`), warning > 0 && pc.yellow(`${warning} near`)].filter(Boolean).join(', ')}`,
  );
  if (objectives.length === 0) return `${[summary.toString(), ...late, 'Nothing is late.'].join('\n')}\n`;
  const table = new Table({
    head: ['transaction', 'objective', 'partner', 'state', 'due', ''],
    style: { head: [], border: [] },
    chars: DENSE,
  });
  for (const one of objectives)
    table.push([
      one.key,
      one.severity === 'Critical' ? pc.bold(one.objective) : one.objective,
      one.partner,
      stateText(one.state),
      one.dueAt === undefined ? '' : dateTime(one.dueAt),
      [one.dueAt === undefined ? '' : ago(one.dueAt, now), one.reason].filter(Boolean).join('; '),
    ]);
  const all = partners.reduce((sum, { breached, warning }) => sum + breached + warning, 0);
  const shown = objectives.filter(({ state }) => state !== 'Pending').length;
  const more = all > shown ? [`${shown} of ${all} that are late or near it; --limit shows more`] : [];
  return `${[summary.toString(), ...late, table.toString(), ...more].join('\n')}\n`;
}
