/** `crossdock exceptions assign | comment | snooze | escalate | resolve`: what a person does about exceptions of a transaction. */
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import pc from 'picocolors';
import type { ExceptionActKind, ExceptionActRequest } from '../tracker/acts/contract.ts';
import { actOnExceptions } from '../tracker/acts/exceptions.ts';
import { readExceptions } from '../tracker/transactions.ts';
import { type DatabaseFlags, openAccounts, withDatabase } from './accounts.ts';

interface Flags extends DatabaseFlags {
  by: string;
  text?: string;
  owner?: string;
  until?: string;
  as?: string;
}

export function registerActs(exceptions: Command): void {
  const verb = (name: string, kind: ExceptionActKind, description: string) =>
    withDatabase(exceptions.command(name))
      .description(description)
      .argument('<key>', 'of the transaction, e.g. PO-1001')
      .argument('[ids...]', 'of its exceptions, as `-o json` shows them, or their beginnings; all open ones without')
      .option('--by <name>', 'who', userInfo().username)
      .action((key: string, ids: string[], flags: Flags) => act(key, ids, kind, flags));
  verb('assign', 'Assign', 'give them to somebody').requiredOption('--owner <name>', 'who is to care; "" for nobody');
  verb('comment', 'Comment', 'say something to them').requiredOption('--text <text>', 'what');
  verb('snooze', 'Snooze', 'out of sight until a time').requiredOption('--until <time>', 'RFC 3339');
  verb('escalate', 'Escalate', 'mark them for who is above')
    .option('--owner <name>', 'and give them to somebody')
    .option('--text <text>', 'why');
  verb('resolve', 'Resolve', 'close them; other figures open them again')
    .requiredOption('--text <text>', 'why; kept in the audit')
    .requiredOption('--as <resolution>', 'what is decided: one of those that the BusinessProcess declares');
}

async function act(key: string, ids: readonly string[], kind: ExceptionActKind, flags: Flags): Promise<void> {
  const { by, text, owner, until, as: resolution } = flags;
  const time = until === undefined ? undefined : Date.parse(until);
  if (Number.isNaN(time)) throw new Error(`--until ${until}: write a time as 2026-11-24T06:00:00Z`);
  const request: ExceptionActRequest = {
    ...{ kind, by },
    ...(text !== undefined && { text }),
    ...(owner !== undefined && { owner }),
    ...(time !== undefined && { until: time }),
    ...(resolution !== undefined && { resolution }),
  };
  await openAccounts(
    flags,
    async (database, namespace) => {
      const open = await readExceptions(database, namespace, { key });
      const meant = open.filter(({ id }) => ids.length === 0 || ids.some((one) => id.startsWith(one)));
      if (meant.length === 0)
        throw new Error(`${key} has no such open exception: see crossdock exceptions --key ${key}`);
      const { done, failed } = await actOnExceptions(database, namespace, meant, request);
      for (const { id, message } of failed) process.stdout.write(`${pc.red('failed')}  ${id}  ${message}\n`);
      process.stdout.write(`${done} of ${meant.length} done\n`);
      if (failed.length > 0) process.exitCode = 1;
    },
    'Act',
  );
}
