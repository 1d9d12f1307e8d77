/** `crossdock trace KEY`: what happened to the documents of a business key (a purchase order, a shipment) or to one document, in time. Exit 1 when nothing is known. */
import { type Command, Option } from 'commander';
import { readTimeline } from '../../tracker/accounts.ts';
import { type DatabaseFlags, openAccounts, withDatabase } from '../accounts.ts';
import { timelineText } from '../trace-text.ts';

export function register(program: Command): void {
  withDatabase(program.command('trace'))
    .argument('<key>', 'any business key (PO-1001) or document id')
    .description('the timeline of a purchase order, a shipment, or one document')
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .action((key: string, flags: DatabaseFlags & { output: 'text' | 'json' }) =>
      openAccounts(flags, async (database, namespace) => {
        const timeline = await readTimeline(database, namespace, key);
        if (flags.output === 'json') process.stdout.write(`${JSON.stringify(timeline, null, 2)}\n`);
        else process.stdout.write(timelineText(key, timeline, namespace));
        if (timeline.documents.length === 0) process.exitCode = 1;
      }),
    );
}
