/** `crossdock audit`: who did what, to what, and why. */
import { type Command, Option } from 'commander';
import pc from 'picocolors';
import { readAudit } from '../../tracker/acts/audit.ts';
import type { AuditEntry } from '../../tracker/acts/contract.ts';
import { type DatabaseFlags, openAccounts, withDatabase } from '../accounts.ts';
import { columns, cut, dateTime } from '../text.ts';

type Flags = DatabaseFlags & { actor?: string; act?: string; target?: string; limit: string; output: 'text' | 'json' };

export function register(program: Command): void {
  withDatabase(program.command('audit'))
    .description('who did what, to what, and why; newest first')
    .option('--actor <name>', 'by this person')
    .option('--act <act>', 'e.g. LettersDiscarded')
    .option('--target <target>', 'the beginning of it, e.g. Transaction/inbound/PO-1001')
    .option('--limit <n>', 'how many at most', '50')
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .action((flags: Flags) =>
      openAccounts(flags, async (database, namespace) => {
        const { actor, act, target, limit } = flags;
        const filter = {
          ...(actor && { actor }),
          ...(act && { act }),
          ...(target && { target }),
          limit: Number(limit),
        };
        const entries = await readAudit(database, namespace, filter);
        const text = flags.output === 'json' ? JSON.stringify({ entries }, null, 2) : auditText(entries);
        process.stdout.write(`${text}\n`);
      }),
    );
}

export function auditText(entries: readonly AuditEntry[]): string {
  if (entries.length === 0) return 'Nothing was done by anybody.';
  return columns(
    entries.map(({ at, actor, act, target, outcome, reason = '' }) => [
      ...[dateTime(at), cut(actor, 14), outcome === 'Done' ? act : pc.red(`${act} ${outcome}`), cut(target, 40)],
      pc.dim(cut(reason, 34)),
    ]),
  ).join('\n');
}
