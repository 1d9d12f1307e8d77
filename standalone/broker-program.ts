/** Where a RabbitMQ to run privately comes from: the PATH, Debian's packages unpacked into the cache, docker. */
import { existsSync, globSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { serverIn, unpackedBroker } from './broker-packages.ts';
import { type Log, run, runAnyway, which } from './process.ts';

export interface ServerProgram {
  kind: 'server';
  /** Folder with rabbitmq-server and rabbitmqctl. */
  sbin: string;
  /** Put first on the PATH of everything that is run from sbin. */
  pathPrefix: string | undefined;
  /** For erlang's shared libraries that this machine lacks. */
  libraryPath: string | undefined;
  epmd: string;
}
export interface DockerProgram {
  kind: 'docker';
  image: string;
}
export type BrokerProgram = ServerProgram | DockerProgram;

/** The versions that are supported: those of Debian 12 (3.10) and Debian 13 (4.0), and what docker has of them. */
export const BROKER_MAJORS = ['3', '4'] as const;
export type BrokerMajor = (typeof BROKER_MAJORS)[number];
const SOURCES: Record<BrokerMajor, { debian: string; image: string }> = {
  '3': { debian: 'bookworm', image: 'rabbitmq:3-management' },
  '4': { debian: 'trixie', image: 'rabbitmq:4-management' },
};

/** By $CROSSDOCK_RABBITMQ; undefined: whichever this machine has. */
function wantedMajor(): BrokerMajor | undefined {
  const text = process.env.CROSSDOCK_RABBITMQ;
  if (!text) return undefined;
  const major = BROKER_MAJORS.find((each) => each === text);
  if (major === undefined)
    throw new Error(`CROSSDOCK_RABBITMQ must be ${BROKER_MAJORS.join(' or ')}, not ${JSON.stringify(text)}`);
  return major;
}

/** Tries the ways in order; each says in the log what it does. Throws an error that says what to install. */
export async function obtainBroker(log: Log = () => {}, major = wantedMajor()): Promise<BrokerProgram> {
  const onPath = fromPath();
  if (onPath !== undefined && (major === undefined || majorOf(onPath) === major)) {
    log(`RabbitMQ: the installed one in ${onPath.sbin}, started privately`);
    return onPath;
  }
  const tried = [
    onPath === undefined ? 'no rabbitmq-server on the PATH' : `the installed one in ${onPath.sbin} is another version`,
  ];
  for (const way of [fromDebian, fromDocker]) {
    try {
      return await way(log, major);
    } catch (error) {
      tried.push((error as Error).message);
    }
  }
  throw new Error(
    `No RabbitMQ${major === undefined ? '' : ` ${major}`} can be had on this machine:\n${tried.map((reason) => `  - ${reason}`).join('\n')}\n` +
      'Install rabbitmq-server (3.10 or later, with its management plugin) or docker, or name a running broker with --broker amqp://user:password@host.',
  );
}

/** Undefined where the program does not say it. */
export function majorOf(program: BrokerProgram): BrokerMajor | undefined {
  const found =
    program.kind === 'docker'
      ? /:(\d+)/.exec(program.image)?.[1]
      : /(\d+)\.\d+\.\d+(?!.*\d+\.\d+\.\d+)/.exec(program.sbin)?.[1];
  return BROKER_MAJORS.find((each) => each === found);
}

function fromPath(): ServerProgram | undefined {
  const found =
    which('rabbitmq-server') ?? (existsSync('/usr/sbin/rabbitmq-server') ? '/usr/sbin/rabbitmq-server' : undefined);
  const epmd = which('epmd') ?? globSync('/usr/lib/erlang/erts-*/bin/epmd')[0];
  if (found === undefined || epmd === undefined || which('erl') === undefined) return undefined;
  // Distributions put a wrapper on the PATH that changes to the user rabbitmq and to the system's data folder: go past it.
  const real = realpathSync(found);
  const sbin = real.endsWith('rabbitmq-script-wrapper') ? serverIn(dirname(dirname(real))) : dirname(real);
  if (sbin === undefined || !existsSync(join(sbin, 'rabbitmq-env'))) return undefined;
  return { kind: 'server', sbin, pathPrefix: undefined, libraryPath: undefined, epmd };
}

async function fromDebian(log: Log, major: BrokerMajor | undefined): Promise<ServerProgram> {
  const { folder, sbin, bin, libraryPath } = await unpackedBroker(major && SOURCES[major].debian, log);
  log(`RabbitMQ: Debian's packages in ${folder}, started privately`);
  return { kind: 'server', sbin, pathPrefix: bin, libraryPath, epmd: join(bin, 'epmd') };
}

async function fromDocker(log: Log, major: BrokerMajor = '4'): Promise<DockerProgram> {
  if (which('docker') === undefined) throw new Error('no docker on the PATH');
  const engine = await runAnyway('docker', ['version', '--format', '{{.Server.Version}}'], { timeoutMs: 15_000 });
  if (engine.code !== 0)
    throw new Error(`docker is here, but its engine does not answer: ${engine.stderr.trim().split('\n')[0]}`);
  const { image } = SOURCES[major];
  log(`RabbitMQ: docker image ${image} (engine ${engine.stdout.trim()})`);
  await run('docker', ['pull', '-q', image], { timeoutMs: 600_000 });
  return { kind: 'docker', image };
}
