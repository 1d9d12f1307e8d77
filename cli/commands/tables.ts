/** `crossdock tables`: live ReferenceTables: what they know, their rows, and reading a seed again. */
import { type Command, Option } from 'commander';
import pc from 'picocolors';
import { connectBroker } from '../../runtime/broker/amqp.ts';
import { keyOf } from '../../runtime/mapping/tables.ts';
import { askForSeed } from '../../runtime/pipeline/table.ts';
import { quoted, schemaOf } from '../../runtime/store/schemas.ts';
import { type DatabaseFlags, openAccounts, withDatabase } from '../accounts.ts';
import { runningDev } from '../dev-file.ts';
import { dateTime } from '../text.ts';

type Output = { output: 'text' | 'json' };
const print = (text: string) => process.stdout.write(text);
const quiet = { info() {}, warn() {}, error() {} };
const output = () => new Option('-o, --output <format>').choices(['text', 'json']).default('text');

export function register(program: Command): void {
  const tables = program.command('tables').description('live ReferenceTables: their state, their rows, their seed');
  withDatabase(tables.command('list'))
    .description('live tables: rows, reservations, when they were seeded')
    .addOption(output())
    .action((flags: DatabaseFlags & Output) => list(flags));
  withDatabase(tables.command('rows'))
    .argument('<table>')
    .argument('[key...]', 'values of the key columns; without, the first rows')
    .description('rows as they stand; of one key with the documents that made it')
    .option('--limit <n>', 'rows shown', '50')
    .addOption(output())
    .action((table: string, key: string[], flags: DatabaseFlags & Output & { limit: string }) =>
      rows(table, key, flags),
    );
  tables
    .command('seed')
    .argument('<table>')
    .description('have its seed read again')
    .option(
      '--broker <uri>',
      'amqp:// of the namespace with its vhost (default: $CROSSDOCK_BROKER, or that of `crossdock dev`)',
    )
    .action((table: string, flags: { broker?: string }) => seed(table, flags));
}

interface TableRow {
  name: string;
  rows: number;
  reserved: number;
  seeded_at: Date | null;
  seed_trouble: string | null;
}

async function list(flags: DatabaseFlags & Output): Promise<void> {
  const found = await inSchema<TableRow>(
    flags,
    (schema) => `select t.name, t.seeded_at, t.seed_trouble,
      (select count(*)::int from ${schema}.live_rows r where r.tbl = t.name and r.row is not null) as rows,
      (select count(*)::int from ${schema}.live_documents d where d.tbl = t.name and d.expires_at > now()) as reserved
     from ${schema}.live_tables t order by t.name`,
    [],
  );
  if (flags.output === 'json') return void print(`${JSON.stringify(found, null, 2)}\n`);
  if (found.length === 0) return void print('No live tables.\n');
  for (const { name, rows: count, reserved, seeded_at: seeded, seed_trouble: trouble } of found) {
    const held = reserved > 0 ? `, ${counted(reserved, 'reservation')}` : '';
    print(
      `${pc.bold(name)}  ${counted(count, 'row')}${held}${seeded ? `, seeded ${dateTime(seeded.getTime())}` : ''}\n`,
    );
    if (trouble) print(`  ${pc.red(trouble)}\n`);
  }
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

async function rows(table: string, key: string[], flags: DatabaseFlags & Output & { limit: string }): Promise<void> {
  const limit = Number(flags.limit);
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new Error(`--limit ${flags.limit}: a whole number above 0 is expected`);
  const found = await inSchema<{ key: string; row: string }>(
    flags,
    (
      schema,
    ) => `select key, row from ${schema}.live_rows where tbl = $1 and row is not null and ($2::text is null or key = $2)
       order by key limit $3`,
    [table, key.length > 0 ? keyOf(key) : null, limit],
  );
  const documents =
    key.length === 0
      ? []
      : await inSchema<{ document: string; type: string; source: string; reserved: boolean }>(
          flags,
          (schema) => `select distinct d.document, d.type, d.source, d.expires_at is not null as reserved
             from ${schema}.live_events e join ${schema}.live_documents d using (tbl, document)
             where e.tbl = $1 and e.key = $2 order by d.type, d.document`,
          [table, keyOf(key)],
        );
  const parsed = found.map(({ row }) => JSON.parse(row) as unknown);
  if (flags.output === 'json') return void print(`${JSON.stringify({ rows: parsed, documents }, null, 2)}\n`);
  if (found.length === 0) throw new Error(`${table} has no ${key.length > 0 ? `row ${key.join(', ')}` : 'rows'}`);
  for (const [i, { key: id }] of found.entries()) print(`${pc.bold(id)}  ${JSON.stringify(parsed[i])}\n`);
  for (const { document, type, source, reserved } of documents)
    print(`  ${type} from ${source}, document ${document}${reserved ? pc.yellow(' (reserved)') : ''}\n`);
}

async function inSchema<R extends object>(
  flags: DatabaseFlags,
  sql: (schema: string) => string,
  values: unknown[],
): Promise<R[]> {
  return openAccounts(flags, async (database, namespace) => {
    const schema = quoted(schemaOf(namespace));
    return database.query<R>(sql(schema), values).then(
      (result) => result.rows,
      (error: { code?: string }) => {
        // No runtime with live tables has worked here yet.
        if (error.code === '42P01' || error.code === '3F000') return [];
        throw error;
      },
    );
  });
}

async function seed(table: string, flags: { broker?: string }): Promise<void> {
  const uri = flags.broker ?? process.env.CROSSDOCK_BROKER ?? runningDev()?.broker;
  if (!uri) throw new Error('No broker: start `crossdock dev FOLDER`, or name one by --broker or $CROSSDOCK_BROKER');
  const broker = await connectBroker({
    uri,
    name: 'crossdock tables',
    log: quiet,
    signal: AbortSignal.timeout(15_000),
  });
  try {
    await askForSeed(broker, table);
    print(`${table} will be seeded again\n`);
  } catch (error) {
    if ((error as Error).name !== 'UnroutableError') throw error;
    throw new Error(`There is no live ReferenceTable "${table}" in this namespace`, { cause: error });
  } finally {
    await broker.close();
  }
}
