/** A RabbitMQ of our own: own ports, node name, cookie, epmd and data folder, on 127.0.0.1 only. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { startDockerBroker } from './broker-docker.ts';
import { type BrokerProgram, obtainBroker, type ServerProgram } from './broker-program.ts';
import { temporaryFolder } from './cache.ts';
import {
  freePort,
  type Log,
  type ManagedProcess,
  removeAtExit,
  removeFolder,
  run,
  spawnManaged,
  untilReady,
} from './process.ts';

export { majorOf, obtainBroker } from './broker-program.ts';

export interface PrivateBroker {
  /** `amqp://user:password@127.0.0.1:port`, default vhost `/`, an administrator. */
  readonly uri: string;
  /** `http://user:password@127.0.0.1:port`, the management API. */
  readonly managementUri: string;
  readonly version: string;
  /** Holds the node's data, logs and configuration; in a container only the configuration. */
  readonly folder: string;
  /** Of the process that serves; changes with restart(). */
  readonly pid: number;
  /** SIGKILL; resolves when the process is gone. The data folder stays. */
  kill(): Promise<void>;
  /** Starts again (stops it first if it runs) on the same ports and data; resolves when AMQP and the management API answer. */
  restart(): Promise<void>;
  /** `rabbitmqctl …`, for alarms and the like. Gives stdout. */
  ctl(...args: string[]): Promise<string>;
  /** Stops it for good; removes the data folder unless the caller named it. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What nodes share to find each other. */
export interface BrokerCluster {
  /** Node names of all, this one included. */
  nodes: readonly string[];
  cookie: string;
  /** Of an epmd that somebody else runs. */
  epmdPort: number;
}

export interface BrokerOptions {
  /** Kept when stopped, and used again by the next start. Default: a temporary folder that is removed. */
  dataDir?: string;
  log?: Log;
  /** Default: obtainBroker(log). */
  program?: BrokerProgram;
  /** Of which it is a node, under the name in `dataDir`'s identity.json. Default: alone. Not in a container. */
  cluster?: BrokerCluster;
}

/** What must stay the same for a data folder to be used again. Mode 0600: it holds the password. */
export interface BrokerIdentity {
  node: string;
  user: string;
  password: string;
  amqpPort: number;
  managementPort: number;
}

const START_DEADLINE_MS = 120_000;

export async function startPrivateBroker(options: BrokerOptions = {}): Promise<PrivateBroker> {
  const log = options.log ?? (() => {});
  const program = options.program ?? (await obtainBroker(log));
  const folder = options.dataDir === undefined ? temporaryFolder('broker') : resolve(options.dataDir);
  if (options.dataDir === undefined) removeAtExit(folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const identity = await identityOf(folder);
  const keepsData = options.dataDir !== undefined;
  if (program.kind === 'docker') return startDockerBroker(program, folder, identity, log, keepsData);
  return startServer(program, folder, identity, log, keepsData, options.cluster);
}

async function identityOf(folder: string): Promise<BrokerIdentity> {
  const file = join(folder, 'identity.json');
  if (existsSync(file)) {
    const known = JSON.parse(readFileSync(file, 'utf8')) as BrokerIdentity;
    return { ...known, amqpPort: await freePort(known.amqpPort), managementPort: await freePort(known.managementPort) };
  }
  const identity = {
    node: `crossdock-${randomBytes(4).toString('hex')}@localhost`,
    user: 'crossdock',
    password: randomBytes(16).toString('hex'),
    amqpPort: await freePort(),
    managementPort: await freePort(),
  };
  writeFileSync(file, JSON.stringify(identity), { mode: 0o600 });
  return identity;
}

async function startServer(
  program: ServerProgram,
  folder: string,
  identity: BrokerIdentity,
  log: Log,
  keepsData: boolean,
  cluster: BrokerCluster | undefined,
): Promise<PrivateBroker> {
  const finish = () => {
    if (!keepsData) removeFolder(folder);
  };
  const [epmdPort, distributionPort] = [cluster?.epmdPort ?? (await freePort()), await freePort()];
  const env = serverEnvironment(program, folder, identity, epmdPort, distributionPort);
  writeConfiguration(folder, identity, cluster);

  const epmd = cluster === undefined ? startEpmd(program, epmdPort, folder) : undefined;
  const spawnServer = () =>
    spawnManaged({
      command: join(program.sbin, 'rabbitmq-server'),
      args: [],
      env,
      cwd: folder,
      logFile: join(folder, 'log', 'console.log'),
    });
  let server = spawnServer();
  const untilServing = () => untilReady('RabbitMQ', server, () => serves(identity), START_DEADLINE_MS);
  try {
    await untilServing();
  } catch (error) {
    await server.kill();
    await epmd?.kill();
    finish();
    throw error;
  }
  const { rabbitmq_version: version } = (await overview(identity))!;
  log(`RabbitMQ ${version} serves AMQP on 127.0.0.1:${identity.amqpPort}`);
  const stop = async () => {
    await (keepsData ? server.stop('SIGTERM', 20_000) : server.kill());
    await epmd?.kill();
    finish();
  };
  return {
    ...addresses(identity),
    version,
    folder,
    get pid() {
      return server.pid;
    },
    kill: () => server.kill(),
    async restart() {
      await server.stop('SIGTERM', 20_000);
      server = spawnServer();
      await untilServing();
    },
    ctl: (...args) =>
      run(join(program.sbin, 'rabbitmqctl'), ['-n', identity.node, ...args], { env, cwd: folder, timeoutMs: 60_000 }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Erlang's table of nodes and ports, on a port of ours. */
export const startEpmd = (program: ServerProgram, port: number, folder: string): ManagedProcess =>
  spawnManaged({
    command: program.epmd,
    args: ['-address', '127.0.0.1', '-port', String(port)],
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', ...librariesOf(program) },
    logFile: join(folder, 'log', 'epmd.log'),
  });

const librariesOf = ({ libraryPath }: ServerProgram): Record<string, string> =>
  libraryPath === undefined ? {} : { LD_LIBRARY_PATH: libraryPath };

/** Nothing of the caller's environment comes in: a RABBITMQ_… variable would lead to somebody else's broker. */
function serverEnvironment(
  program: ServerProgram,
  folder: string,
  identity: BrokerIdentity,
  epmdPort: number,
  distributionPort: number,
): Record<string, string> {
  const path = process.env.PATH ?? '/usr/bin:/bin';
  return {
    PATH: program.pathPrefix === undefined ? path : `${program.pathPrefix}:${path}`,
    ...librariesOf(program),
    HOME: folder,
    LANG: 'C.UTF-8',
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_CRASH_DUMP_SECONDS: '0',
    // The server replaces the start script's shell: our pid is the node's.
    RUNNING_UNDER_SYSTEMD: 'true',
    RABBITMQ_NODENAME: identity.node,
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'rabbitmq-env.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'generated'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none',
    RABBITMQ_CTL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
  };
}

/** Also used for the container, there with its own ports and all addresses. */
export function configuration(
  identity: BrokerIdentity,
  address: string,
  amqpPort: number,
  managementPort: number,
): string {
  return [
    `listeners.tcp.1 = ${address}:${amqpPort}`,
    `management.tcp.ip = ${address}`,
    `management.tcp.port = ${managementPort}`,
    `default_user = ${identity.user}`,
    `default_pass = ${identity.password}`,
    'default_user_tags.administrator = true',
    'loopback_users = none',
    'vm_memory_high_watermark.absolute = 1GB',
    'disk_free_limit.absolute = 50MB',
    // Queue counts in the management API are at most this old.
    'collect_statistics_interval = 1000',
    // Smaller write-ahead files: less memory, and a killed node is back sooner.
    'raft.wal_max_size_bytes = 67108864',
    'log.file.level = info',
    '',
  ].join('\n');
}

/** A node that sees less than half of the others pauses, as RabbitMQ's cluster operator has it. */
const clusterConfiguration = ({ nodes }: BrokerCluster): string =>
  [
    'cluster_partition_handling = pause_minority',
    'cluster_formation.peer_discovery_backend = classic_config',
    ...nodes.map((node, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${node}`),
    '',
  ].join('\n');

function writeConfiguration(folder: string, identity: BrokerIdentity, cluster: BrokerCluster | undefined): void {
  const alone = configuration(identity, '127.0.0.1', identity.amqpPort, identity.managementPort);
  const files = {
    'rabbitmq.conf': cluster === undefined ? alone : alone + clusterConfiguration(cluster),
    // After a restart a retry step waits this long for a confirm that died with the old broker before it sends again; the broker's own
    // default is 180 s.
    'advanced.config': '[{rabbit, [{dead_letter_worker_publisher_confirm_timeout, 5000}]}].\n',
    'rabbitmq-env.conf': '',
    enabled_plugins: '[rabbitmq_management].\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  const cookie = join(folder, '.erlang.cookie');
  if (cluster !== undefined && !existsSync(cookie)) writeFileSync(cookie, cluster.cookie, { mode: 0o400 });
}

export function addresses(identity: BrokerIdentity): { uri: string; managementUri: string } {
  const authority = (port: number) => `${identity.user}:${identity.password}@127.0.0.1:${port}`;
  return {
    uri: `amqp://${authority(identity.amqpPort)}`,
    managementUri: `http://${authority(identity.managementPort)}`,
  };
}

/** True when both protocols answer. */
export async function serves(identity: BrokerIdentity): Promise<boolean> {
  return (await answersAmqp(identity.amqpPort)) && (await overview(identity)) !== undefined;
}

export async function overview(identity: BrokerIdentity): Promise<{ rabbitmq_version: string } | undefined> {
  const response = await fetch(`http://127.0.0.1:${identity.managementPort}/api/overview`, {
    headers: { authorization: `Basic ${Buffer.from(`${identity.user}:${identity.password}`).toString('base64')}` },
    signal: AbortSignal.timeout(5_000),
  });
  return response.ok ? ((await response.json()) as { rabbitmq_version: string }) : undefined;
}

/** A protocol header is answered with connection.start, a method frame (1). */
function answersAmqp(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(Buffer.from('AMQP\0\0\x09\x01', 'latin1')));
    const finish = (answer: boolean) => {
      socket.destroy();
      settle(answer);
    };
    socket.setTimeout(5_000, () => finish(false));
    socket.once('data', (data) => finish(data[0] === 1));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
  });
}
