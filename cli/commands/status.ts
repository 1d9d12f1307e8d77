/** `crossdock status`: counts of documents by destination and state, what is in trouble, gaps. Exit 0, also with trouble. */
import { type Command, Option } from 'commander';
import { countAccounts, readGaps, readSetAside, readTroubles } from '../../tracker/accounts.ts';
import { countAcknowledgments, readTroubledAcknowledgments } from '../../tracker/acknowledgments/store.ts';
import { type DatabaseFlags, openAccounts, withDatabase } from '../accounts.ts';
import { statusText } from '../status-text.ts';

const MAX_TROUBLES = 1_000;

export function register(program: Command): void {
  withDatabase(program.command('status'))
    .description('documents by destination and state, with what is in trouble')
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .action((flags: DatabaseFlags & { output: 'text' | 'json' }) =>
      openAccounts(flags, async (database, namespace) => {
        const now = Date.now();
        const status = {
          namespace,
          counts: await countAccounts(database, namespace),
          troubles: await readTroubles(database, namespace, MAX_TROUBLES),
          gaps: await readGaps(database, namespace),
          acknowledgments: {
            counts: await countAcknowledgments(database, namespace, now),
            troubles: await readTroubledAcknowledgments(database, namespace, MAX_TROUBLES, now),
          },
          setAside: await readSetAside(database, namespace),
        };
        const text = flags.output === 'json' ? `${JSON.stringify(status, null, 2)}\n` : statusText(status, now);
        process.stdout.write(text);
      }),
    );
}
