/**
 * `crossdock trace KEY`: what happened to the documents of a business key (a purchase order, a shipment) or to one document, in time,
 * and how far the transaction is. Exit 1 when nothing is known.
 */
import { type Command, Option } from 'commander';
import { readTimeline } from '../../tracker/accounts.ts';
import { readObjectives } from '../../tracker/deadlines/read.ts';
import { readExceptions, readTransactions } from '../../tracker/transactions.ts';
import { type DatabaseFlags, openAccounts, withDatabase } from '../accounts.ts';
import { timelineText } from '../trace-text.ts';
import { transactionText } from '../transactions-text.ts';

export function register(program: Command): void {
  withDatabase(program.command('trace'))
    .argument('<key>', 'any business key (PO-1001) or document id')
    .description('milestones and timeline of a purchase order, a shipment, or one document')
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .action((key: string, flags: DatabaseFlags & { output: 'text' | 'json' }) =>
      openAccounts(flags, async (database, namespace) => {
        const timeline = await readTimeline(database, namespace, key);
        const transactions = await readTransactions(database, namespace, key);
        const exceptions =
          transactions.length > 0 ? await readExceptions(database, namespace, { key, closed: true }) : [];
        const objectives = transactions.length > 0 ? await readObjectives(database, namespace, key) : [];
        if (flags.output === 'json')
          process.stdout.write(`${JSON.stringify({ ...timeline, transactions, exceptions, objectives }, null, 2)}\n`);
        else {
          process.stdout.write(timelineText(key, timeline, namespace));
          for (const one of transactions) {
            const own = exceptions.filter(({ process: name }) => name === one.process);
            const due = objectives.filter(({ process: name }) => name === one.process);
            process.stdout.write(`\n${transactionText(one, own, due)}`);
          }
        }
        if (timeline.documents.length === 0) process.exitCode = 1;
      }),
    );
}
