/** `crossdock restored`: what must be done once after PostgreSQL was restored from a backup, before documents flow again. */
import type { Command } from 'commander';
import pc from 'picocolors';
import { openStore } from '../../runtime/store/postgres.ts';
import { createLog } from '../../runtime/telemetry/log.ts';
import { claimAgain, skipNumbers } from '../../tracker/restored.ts';
import { type DatabaseFlags, databaseUrl, openAccounts, withDatabase } from '../accounts.ts';

const MOST = 1_000_000;

export function register(program: Command): void {
  withDatabase(program.command('restored'))
    .description(
      'after PostgreSQL was restored from a backup and the tracker has caught up: claims documents again that came since, and skips control numbers',
    )
    .option('--skip <n>', 'control numbers that may have been used since the backup, at most, of any partner', '1000')
    .action((flags: DatabaseFlags & { skip: string }) => restored(flags));
}

async function restored(flags: DatabaseFlags & { skip: string }): Promise<void> {
  const skip = Number(flags.skip);
  if (!Number.isSafeInteger(skip) || skip < 0 || skip > MOST)
    throw new Error(`--skip ${flags.skip}: a whole number from 0 to ${MOST} is expected`);
  await openAccounts(
    flags,
    async (database, namespace) => {
      const store = openStore({
        url: databaseUrl(flags),
        namespace,
        log: createLog('crossdock', { stream: process.stderr }),
      });
      try {
        const claimed = await claimAgain(database, namespace, store);
        process.stdout.write(`${claimed} documents that may be repeated are claimed\n`);
        // The store has made its tables by now, if it had any claim.
        for (const { counter, value } of await skipNumbers(database, namespace, skip))
          process.stdout.write(`${pc.bold(counter)}  the next control number is ${value + 1}\n`);
      } finally {
        await store.close();
      }
    },
    'Act',
  );
}
