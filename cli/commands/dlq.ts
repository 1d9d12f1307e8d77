/** `crossdock dlq`: what could not be done and waits for a person: to see, to replay, to discard. Exit 1 when something was not found or failed. */
import { userInfo } from 'node:os';
import { type Command, Option } from 'commander';
import pc from 'picocolors';
import type { Letter } from '../../runtime/pipeline/letters.ts';
import type { LetterAct } from '../../tracker/letters/act.ts';
import { LetterBox, QUEUES, type QueueName } from '../../tracker/letters/box.ts';
import { readGroups } from '../../tracker/letters/groups.ts';
import { type DatabaseFlags, openAccounts, withDatabase } from '../accounts.ts';
import { runningDev } from '../dev-file.ts';
import { act, type Selection, selects } from '../dlq.ts';
import { fingerprintsText, groupsOf, letterText, listText } from '../dlq-text.ts';

interface BrokerFlags {
  broker?: string;
  namespace?: string;
  parked?: boolean;
  lost?: boolean;
}
interface SelectionFlags {
  class?: string;
  code?: string;
  integration?: string;
  group?: string;
  all?: boolean;
}
type GroupFlags = DatabaseFlags & { integration?: string; partner?: string; parked?: boolean; output: 'text' | 'json' };
type Output = { output: 'text' | 'json' };
type ActFlags = BrokerFlags & SelectionFlags & { reason: string; by: string };

export function register(program: Command): void {
  const dlq = program
    .command('dlq')
    .description('dead letters: groups, list, show, replay, discard, park; all but groups need the broker only');
  const verb = (name: string) =>
    dlq
      .command(name)
      .option(
        '--broker <uri>',
        'amqp:// of the namespace with its vhost (default: $CROSSDOCK_BROKER, or that of the running `crossdock dev`)',
      )
      .option('-n, --namespace <name>', 'default: that of `crossdock dev`, or `default`')
      .option('--parked', 'of the documents that wait for a person or for data')
      .option('--lost', 'of the messages that came home and found no queue');
  const selecting = (command: Command) =>
    command
      .option('--class <class>', 'of this error class, e.g. MappingFailed')
      .option('--code <code>', 'with this code, e.g. http.422')
      .option('--integration <name>', 'of this Integration')
      .option('--group <fingerprint>', 'of this group: `crossdock dlq groups` shows them');

  withDatabase(dlq.command('groups'))
    .description('letters with one cause at one place, the largest first; from the tracker')
    .option('--integration <name>', 'of this Integration')
    .option('--partner <name>', 'from or for this Partner')
    .option('--parked', 'those that are parked')
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .action((flags: GroupFlags) => groups(flags));
  selecting(verb('list'))
    .description('grouped by cause and place, then the letters')
    .option('--limit <n>', 'letters shown as text', '30')
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .action((flags: BrokerFlags & SelectionFlags & Output & { limit: string }) => list(flags));
  verb('show')
    .argument('<id>', 'of a letter or a document; its beginning will do')
    .description('one letter: why it is here, what it is, its body')
    .option('--body', 'the body alone, as it is')
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .action((id: string, flags: BrokerFlags & Output & { body?: boolean }) => show(id, flags));
  for (const [name, outcome, description] of [
    ['replay', 'Replayed', 'send letters to the stage that failed, once more'],
    ['discard', 'Discarded', 'remove letters for good; the journal keeps who and why'],
    ['park', 'Parked', 'put letters to the parked, until somebody looks; the journal keeps who and why'],
  ] as const)
    selecting(verb(name))
      .argument('[ids...]', 'of letters or documents; their beginnings will do')
      .description(description)
      .option('--all', 'every letter')
      .requiredOption('--reason <text>', 'why; kept in the journal')
      .option('--by <name>', 'who', userInfo().username)
      .action((ids: string[], flags: ActFlags) => run(ids, flags, outcome));
}

async function groups(flags: GroupFlags): Promise<void> {
  const { integration, partner, parked, output } = flags;
  const found = await openAccounts(flags, (database, namespace) =>
    readGroups(database, namespace, {
      state: parked ? 'Parked' : 'DeadLettered',
      ...(integration && { integration }),
      ...(partner && { partner }),
    }),
  );
  print(
    output === 'json' ? `${JSON.stringify({ groups: found }, null, 2)}\n` : fingerprintsText(found, Boolean(parked)),
  );
}

function placeOf(flags: BrokerFlags): { uri: string; queue: QueueName; namespace: string } {
  if (flags.parked && flags.lost) throw new Error('--parked or --lost, not both');
  const dev = runningDev();
  const uri = flags.broker ?? process.env.CROSSDOCK_BROKER ?? dev?.broker;
  if (!uri)
    throw new Error(
      'No broker: start `crossdock dev FOLDER`, or name one by --broker or $CROSSDOCK_BROKER (in a cluster: `uri` of the Secret crossdock-broker)',
    );
  const queue = flags.parked ? QUEUES.parked : flags.lost ? QUEUES.lost : QUEUES.dead;
  return { uri, queue, namespace: flags.namespace ?? dev?.namespace ?? 'default' };
}

const print = (text: string) => process.stdout.write(text);

async function list(flags: BrokerFlags & SelectionFlags & Output & { limit: string }): Promise<void> {
  const { uri, queue } = placeOf(flags);
  const selection: Selection = { ...flags, all: true };
  const letters: Letter[] = [];
  const box = await LetterBox.open({ uri }, queue);
  try {
    for await (const { letter } of box.letters()) if (selects(selection, letter, queue)) letters.push(letter);
  } finally {
    await box.close();
  }
  letters.sort((a, b) => (b.failedAt ?? 0) - (a.failedAt ?? 0) || (a.id < b.id ? -1 : 1));
  if (flags.output === 'json') print(`${JSON.stringify({ queue, groups: groupsOf(letters), letters }, null, 2)}\n`);
  else print(listText(queue, letters, Number(flags.limit)));
}

async function show(id: string, flags: BrokerFlags & Output & { body?: boolean }): Promise<void> {
  const { uri, queue } = placeOf(flags);
  const box = await LetterBox.open({ uri }, queue);
  let found = 0;
  try {
    for await (const { letter, message } of box.letters()) {
      if (!selects({ ids: [id] }, letter)) continue;
      found += 1;
      if (flags.body) process.stdout.write(message.body);
      else if (flags.output === 'json')
        print(`${JSON.stringify({ ...letter, headers: message.headers, body: message.body.toString() }, null, 2)}\n`);
      else print(letterText(letter, message));
    }
  } finally {
    await box.close();
  }
  if (found === 0) notFound(`${id} is not in ${queue}`);
}

async function run(ids: string[], flags: ActFlags, outcome: LetterAct['outcome']): Promise<void> {
  const { uri, queue, namespace } = placeOf(flags);
  const { class: errorClass, code, integration, group, all, reason, by } = flags;
  if (ids.length === 0 && !errorClass && !code && !integration && !group && !all)
    throw new Error('Which letters? Name ids, --class, --code, --integration, --group, or --all');
  const selection: Selection = {
    ids,
    ...(errorClass && { class: errorClass }),
    ...(code && { code }),
    ...(integration && { integration }),
    ...(group && { group }),
    ...(all && { all }),
  };
  const { done, failed, left } = await act(uri, queue, namespace, selection, { outcome, by, reason });
  for (const { letter, message } of failed) print(`${pc.red('failed')}  ${letter.id}  ${message}\n`);
  print(`${done.length} ${outcome.toLowerCase()}, ${failed.length} failed, ${left} left in ${queue}\n`);
  if (done.length === 0 && failed.length === 0) notFound('no letter is meant by that');
  if (failed.length > 0) process.exitCode = 1;
}

function notFound(message: string): void {
  process.stderr.write(`${pc.red('error')}  ${message}\n`);
  process.exitCode = 1;
}
