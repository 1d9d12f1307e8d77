/** `crossdock fact`: what a person knows of a transaction, such as "confirmed by phone". */
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { recordFact, withdrawFact } from '../../tracker/acts/facts.ts';
import { readTransactions } from '../../tracker/transactions.ts';
import { type DatabaseFlags, openAccounts, withDatabase } from '../accounts.ts';

type Flags = DatabaseFlags & { by: string; reason: string; at?: string; line?: string[]; process?: string };

export function register(program: Command): void {
  const fact = program
    .command('fact')
    .description('milestones that a person says are reached, as if a document said so');
  const verb = (name: string) =>
    withDatabase(fact.command(name))
      .requiredOption('--reason <text>', 'how it is known, e.g. "confirmed by phone, Ms Wu"; kept in the audit')
      .option('--by <name>', 'who', userInfo().username);
  verb('record')
    .argument('<key>', 'of the transaction, e.g. PO-1001')
    .argument('<milestone>', 'e.g. Confirmed')
    .option('--at <time>', 'when it happened (RFC 3339); default: now')
    .option('--line <id...>', 'only these lines of it')
    .option('--process <name>', 'BusinessProcess, where several know the key')
    .action((key: string, milestone: string, flags: Flags) =>
      openAccounts(
        flags,
        async (database, namespace) => {
          const at = flags.at === undefined ? undefined : Date.parse(flags.at);
          if (at !== undefined && Number.isNaN(at))
            throw new Error(`--at ${flags.at}: write a time as 2026-11-24T06:00:00Z`);
          const known = (await readTransactions(database, namespace, key)).map(({ process }) => process);
          const process_ = flags.process ?? known[0];
          if (process_ === undefined) throw new Error(`No BusinessProcess has a transaction ${key}`);
          if (flags.process === undefined && known.length > 1)
            throw new Error(`${key} is a transaction of ${known.join(' and ')}: name one by --process`);
          const { by, reason, line } = flags;
          const { id } = await recordFact(database, namespace, {
            ...{ process: process_, key, milestone, by, reason },
            ...(at !== undefined && { at }),
            ...(line && { lines: line }),
          });
          process.stdout.write(`${id}\n`);
        },
        'Act',
      ),
    );
  verb('withdraw')
    .argument('<id>', 'that `fact record` gave')
    .action((id: string, flags: Flags) =>
      openAccounts(flags, (database, namespace) => withdrawFact(database, namespace, id, flags), 'Act'),
    );
}
