/** `crossdock status`: counts of documents by destination and state, what is in trouble, gaps. Exit 0, also with trouble. */
import Table from 'cli-table3';
import { type Command, Option } from 'commander';
import pc from 'picocolors';
import { DOCUMENT_PRECEDENCE, type State } from '../../runtime/journal/outranks.ts';
import { countAccounts, readAccounts, readGaps } from '../../tracker/accounts.ts';
import { type DatabaseFlags, openAccounts, withDatabase } from '../accounts.ts';

const SHOWN: readonly State[] = [
  'InFlight',
  'Delivered',
  'Rejected',
  'DeadLettered',
  'Parked',
  'Superseded',
  'Duplicate',
];
const TROUBLE: readonly State[] = ['DeadLettered', 'Parked'];
const MAX_TROUBLES = 20;

export function register(program: Command): void {
  withDatabase(program.command('status'))
    .description('documents by destination and state, with what is in trouble')
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .action((flags: DatabaseFlags & { output: 'text' | 'json' }) =>
      openAccounts(flags, async (database, namespace) => {
        const counts = await countAccounts(database, namespace);
        const gaps = await readGaps(database, namespace);
        const troubles = (await readAccounts(database, namespace)).filter(
          ({ state }) => state && TROUBLE.includes(state),
        );
        if (flags.output === 'json') {
          process.stdout.write(`${JSON.stringify({ namespace, counts, troubles, gaps }, null, 2)}\n`);
          return;
        }
        const table = new Table({ head: ['destination', 'document type', ...SHOWN], style: { head: [], border: [] } });
        const rows = Map.groupBy(counts, ({ destination, type }) => `${destination}\n${type}`);
        for (const [key, states] of rows) {
          const [destination, type] = key.split('\n');
          const count = (state: State) => states.find((row) => row.state === state)?.count ?? 0;
          table.push([
            destination || '(intake)',
            type || '(unknown)',
            ...SHOWN.map((state) => coloured(state, count(state))),
          ]);
        }
        process.stdout.write(rows.size > 0 ? `${table.toString()}\n` : `No documents in namespace ${namespace} yet.\n`);
        for (const { document, destination, state, errorClass, errorMessage, keys } of troubles.slice(0, MAX_TROUBLES))
          process.stdout.write(
            `${coloured(state!, state!)}  ${destination || 'intake'}  ${Object.values(keys).flat()[0] ?? document}  ${errorClass}: ${errorMessage}\n`,
          );
        if (troubles.length > MAX_TROUBLES) process.stdout.write(`… and ${troubles.length - MAX_TROUBLES} more\n`);
        for (const { noticedAt, detail } of gaps)
          process.stdout.write(`${pc.red('gap')}  ${noticedAt.toISOString()}  ${detail}\n`);
      }),
    );
}

function coloured(state: State, text: string | number): string {
  if (text === 0) return pc.dim('0');
  const paint = DOCUMENT_PRECEDENCE.indexOf(state) < 2 ? pc.red : state === 'Delivered' ? pc.green : pc.yellow;
  return paint(String(text));
}
