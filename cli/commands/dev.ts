/** `crossdock dev FOLDER`: runs a folder of YAML, with a RabbitMQ and a PostgreSQL of its own unless others are given. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import pc from 'picocolors';
import { ensureConsole } from '../../console/build.ts';
import { guardsOf } from '../../runtime/runtime.ts';
import { createLog } from '../../runtime/telemetry/log.ts';
import { startPrivateBroker } from '../../standalone/broker.ts';
import { startPrivateDatabase } from '../../standalone/database.ts';
import { type Reload, startDev } from '../../standalone/dev.ts';
import { readUsers } from '../../tracker/api/auth/users.ts';
import { remember } from '../dev-file.ts';
import { lintFolder } from '../lint.ts';

interface Flags {
  broker?: string;
  management?: string;
  database?: string;
  httpPort: string;
  adminPort: string;
  consolePort: string;
  users?: string;
  host: string;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('dev')
    .argument('<folder>', 'folder of YAML; read again on each save')
    .description('run a folder of YAML: runtime and tracker in one process, no cluster')
    .option('--broker <uri>', 'amqp:// of a RabbitMQ administrator (default: a private one is started)')
    .option('--management <uri>', 'http:// of its management API (needed with --broker)')
    .option('--database <url>', 'postgres:// (default: a private one is started)')
    .option('--http-port <port>', 'for partners and systems', '8080')
    .option('--admin-port <port>', 'for health and metrics', '8081')
    .option('--console-port <port>', 'for the console and its API', '8082')
    .option('--users <file>', 'people who log in to the console (default: whoever is at this machine is an Operator)')
    .option('--host <address>', 'to listen on', '127.0.0.1')
    .option('--json', 'say when ready and what was reloaded as JSON lines')
    .action(run);
}

async function run(folder: string, flags: Flags): Promise<void> {
  if (flags.broker && !flags.management)
    throw new UsageError('--broker needs --management, the URI of its management API');
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const path = resolve(folder);
  const closing: (() => Promise<unknown>)[] = [];
  const broker = flags.broker
    ? { uri: flags.broker, managementUri: flags.management! }
    : await startPrivateBroker({ log: say });
  if ('stop' in broker) closing.push(() => broker.stop());
  const database = flags.database ? { url: flags.database } : await startPrivateDatabase({ log: say });
  if ('stop' in database) closing.push(() => database.stop());
  const dev = await startDev({
    folder: path,
    brokerUri: broker.uri,
    managementUri: broker.managementUri,
    databaseUrl: database.url,
    http: { host: flags.host, port: Number(flags.httpPort) },
    admin: { host: flags.host, port: Number(flags.adminPort) },
    console: {
      host: flags.host,
      port: Number(flags.consolePort),
      folder: await ensureConsole(say),
      login: flags.users
        ? { users: readUsers(readFileSync(flags.users, 'utf8')) }
        : { local: { user: userInfo().username } },
    },
    log: createLog('crossdock'),
    onReload: flags.json ? printJson : printReload,
    guards: guardsOf(process.env),
  });
  closing.unshift(() => dev.stop());
  const forget = remember({
    namespace: dev.namespace,
    database: database.url,
    management: broker.managementUri,
    broker: dev.brokerUri,
  });
  const http = `http://${flags.host}:${dev.httpPort}`;
  const admin = `http://${flags.host}:${dev.adminPort}`;
  const page = `http://${flags.host}:${dev.consolePort}`;
  if (flags.json)
    process.stdout.write(`${JSON.stringify({ ready: true, namespace: dev.namespace, http, admin, console: page })}\n`);
  else
    process.stdout.write(
      `${pc.green('ready')}  console: ${page}${flags.users ? '' : ' (you are its Operator; only from this machine)'}  documents: ${http}  health and metrics: ${admin}  RabbitMQ: ${new URL(broker.managementUri).origin}\n` +
        'In another terminal: crossdock status · crossdock trace KEY · Ctrl-C ends it.\n',
    );
  await new Promise<void>((end) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end());
  });
  say('finishing what is in the air …');
  forget();
  for (const close of closing) await close();
  process.exit(0);
}

class UsageError extends Error {
  override name = 'UsageError';
}

function printJson({ folder, translation, kept, ms }: Reload): void {
  const broken = translation.translations.filter(({ findings }) =>
    findings.some(({ severity }) => severity === 'Error'),
  );
  const problems = folder.problems.length;
  process.stdout.write(
    `${JSON.stringify({ reloaded: true, ms: Math.round(ms), problems, broken: broken.map(({ kind, name }) => `${kind}/${name}`), kept })}\n`,
  );
}

function printReload({ folder, translation, kept, topology, ms }: Reload): void {
  const lines = lintFolder(folder).map(({ severity, file, line, kind, name, message, remedy }) => {
    const level = severity === 'Error' ? pc.red('error') : pc.yellow('warning');
    return `${level}  ${file}:${line}  ${kind ? `${kind}/${name}: ` : ''}${message}${remedy ? ` — ${remedy}` : ''}`;
  });
  for (const root of kept) lines.push(`${pc.yellow('kept')}  ${root} stays on its last good version`);
  if (topology.otherOwner)
    lines.push(`${pc.red('error')}  the vhost belongs to ${topology.otherOwner}: nothing was changed in it`);
  const roots = Object.keys(translation.index.integrations).length;
  const partners = Object.keys(translation.index.partners).length;
  lines.push(`applied in ${Math.round(ms)} ms: ${roots} integrations, ${partners} partners`);
  process.stdout.write(`${lines.join('\n')}\n`);
}
