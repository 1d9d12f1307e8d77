/** `crossdock replay`: documents once more, by the tracker. Exit 1 when it failed, was refused, or nothing was selected. */
import { userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import type pg from 'pg';
import {
  approveReplay,
  cancelReplay,
  readReplay,
  readReplayItems,
  readReplays,
  startReplay,
} from '../../tracker/replay/store.ts';
import { readVersions } from '../../tracker/replay/versions.ts';
import { type DatabaseFlags, openAccounts, withDatabase } from '../accounts.ts';
import { type SpecFlags, specOf } from '../replay.ts';
import { itemsText, replaysText, replayText, versionsText } from '../replay-text.ts';

interface Output {
  output: 'text' | 'json';
}
type RunFlags = DatabaseFlags & SpecFlags & Output & { wait: boolean };

const format = () => new Option('-o, --output <format>').choices(['text', 'json']).default('text');
const by = () => new Option('--by <name>', 'who').default(userInfo().username);
const print = (flags: Output, value: object, text: () => string) =>
  process.stdout.write(flags.output === 'json' ? `${JSON.stringify(value, null, 2)}\n` : text());

export function register(program: Command): void {
  const replay = withDatabase(program.command('replay').enablePositionalOptions())
    .description(
      'send documents once more: letters (--group, --class, --code, --dead, --parked), or what was delivered',
    )
    .option('--group <fingerprint>', 'letters of this group: `crossdock dlq groups` shows them')
    .option('--dead', 'dead letters')
    .option('--parked', 'parked letters')
    .option('--class <class>', 'letters of this error class, e.g. MappingFailed')
    .option('--code <code>', 'letters with this code, e.g. http.422')
    .option('--integration <name>', 'of this Integration')
    .option('--destination <name>', 'of this destination of the Integration')
    .option('--partner <name>', 'from or for this Partner')
    .option('--type <type>', 'of this type, e.g. ship-notice.v1')
    .option('--key <value...>', 'with these business keys, e.g. PO-1001')
    .option('--mapping <name[@hash]>', 'made by this version of a Mapping: `crossdock replay versions` shows them')
    .option('--since <time>', 'failed or delivered at this time (RFC 3339) or later')
    .option('--until <time>', 'failed or delivered before this time')
    .option('--reason <text>', 'why; kept in the journal of every document, and in the audit')
    .option('--dry-run', 'say what would happen, send nothing')
    .option('--rate <n>', 'documents a second at most (default: 20)')
    .option('--limit <n>', 'above so many, another person must approve (default: 100)')
    .option('--no-wait', 'do not wait until it has ended')
    .addOption(by())
    .addOption(format())
    .action((flags: RunFlags) => run(flags));
  const verb = (name: string) => withDatabase(replay.command(name));
  verb('list')
    .description('the latest replays')
    .addOption(format())
    .action((flags: DatabaseFlags & Output) =>
      openAccounts(flags, async (database, namespace) => {
        const replays = await readReplays(database, namespace);
        print(flags, { replays }, () => replaysText(replays));
      }),
    );
  verb('show')
    .argument('<name>')
    .description('one replay, and what came of each document')
    .option('--limit <n>', 'documents shown', '50')
    .addOption(format())
    .action((name: string, flags: DatabaseFlags & Output & { limit: string }) =>
      openAccounts(flags, async (database, namespace) => {
        const found = await readReplay(database, namespace, name);
        if (!found) throw new Error(`There is no replay ${name}: see crossdock replay list`);
        const items = await readReplayItems(database, namespace, name, { limit: Number(flags.limit) });
        print(flags, { ...found, items }, () => replayText(found) + itemsText(found, items));
      }),
    );
  verb('approve')
    .argument('<name>')
    .description('let a replay go on that is above its limit; not by who asked for it')
    .addOption(by())
    .action((name: string, flags: DatabaseFlags & { by: string }) =>
      openAccounts(flags, (database, namespace) => approveReplay(database, namespace, name, flags.by), 'Act'),
    );
  verb('cancel')
    .argument('<name>')
    .description('send no more; what was sent stays sent')
    .requiredOption('--reason <text>', 'why; kept in the audit')
    .addOption(by())
    .action((name: string, flags: DatabaseFlags & { by: string; reason: string }) =>
      openAccounts(flags, (database, namespace) => cancelReplay(database, namespace, name, flags), 'Act'),
    );
  verb('versions')
    .argument('[mapping]')
    .description('versions of Mappings that made documents, newest first')
    .addOption(format())
    .action((mapping: string | undefined, flags: DatabaseFlags & Output) =>
      openAccounts(flags, async (database, namespace) => {
        const versions = await readVersions(database, namespace, mapping);
        print(flags, { versions }, () => versionsText(versions));
      }),
    );
}

const LOOK_MS = 300;
/** A tracker that does not run takes nothing up. */
const TAKEN_UP_MS = 10_000;

async function run(flags: RunFlags): Promise<void> {
  const spec = specOf(flags);
  await openAccounts(
    flags,
    async (database, namespace) => {
      const { name } = await startReplay(database, namespace, spec);
      const replay = flags.wait
        ? await untilEnded(database, namespace, name)
        : await readReplay(database, namespace, name);
      const items = await readReplayItems(database, namespace, name, { limit: spec.mode === 'DryRun' ? 50 : 20 });
      print(flags, { ...replay!, items }, () => replayText(replay!) + itemsText(replay!, items));
      if (replay!.state === 'Failed' || replay!.state === 'Cancelled' || (flags.wait && replay!.selected === 0))
        process.exitCode = 1;
    },
    'Act',
  );
}

/** Or waits for a person, or for a tracker. */
async function untilEnded(database: pg.Pool, namespace: string, name: string) {
  const since = performance.now();
  for (;;) {
    const replay = await readReplay(database, namespace, name);
    if (!replay || replay.finishedAt !== undefined || replay.state === 'AwaitingApproval') return replay;
    if (replay.state === 'Pending' && performance.now() - since > TAKEN_UP_MS) {
      process.stderr.write(`No tracker has taken ${name} up in ${TAKEN_UP_MS / 1000} s: it waits until one runs.\n`);
      return replay;
    }
    await delay(LOOK_MS);
  }
}
