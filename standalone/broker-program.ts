/** Where a RabbitMQ to run privately comes from: the PATH, Debian's packages unpacked into the cache, docker. */
import { chmodSync, existsSync, globSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cached } from './cache.ts';
import { debianPackages, debianRelease } from './debian.ts';
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

const DOCKER_IMAGE = 'rabbitmq:4-management';

/** Tries the ways in order; each says in the log what it does. Throws an error that says what to install. */
export async function obtainBroker(log: Log = () => {}): Promise<BrokerProgram> {
  const onPath = fromPath();
  if (onPath !== undefined) {
    log(`RabbitMQ: the installed one in ${onPath.sbin}, started privately`);
    return onPath;
  }
  const tried = ['no rabbitmq-server on the PATH'];
  for (const way of [fromDebian, fromDocker]) {
    try {
      return await way(log);
    } catch (error) {
      tried.push((error as Error).message);
    }
  }
  throw new Error(
    `No RabbitMQ can be had on this machine:\n${tried.map((reason) => `  - ${reason}`).join('\n')}\n` +
      'Install rabbitmq-server (3.10 or later, with its management plugin) or docker, or name a running broker with --broker amqp://user:password@host.',
  );
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

function serverIn(folder: string): string | undefined {
  return globSync(join(folder, 'lib/rabbitmq_server-*/sbin'))[0];
}

async function fromDebian(log: Log): Promise<ServerProgram> {
  for (const tool of ['apt-get', 'dpkg']) {
    if (which(tool) === undefined) throw new Error(`no Debian packages: there is no ${tool} here`);
  }
  const folder = await cached(
    `rabbitmq-debian-${debianRelease()}-${process.arch}`,
    async (target) => {
      log('RabbitMQ: downloading the Debian packages (33 MB) into the cache; nothing is installed');
      await unpackPackages(target);
    },
    { log },
  );
  const sbin = serverIn(join(folder, 'usr/lib/rabbitmq'));
  const erts = globSync(join(folder, 'usr/lib/erlang/erts-*/bin'))[0];
  if (sbin === undefined || erts === undefined)
    throw new Error(`the unpacked packages in ${folder} hold no RabbitMQ; remove the folder and try again`);
  log(`RabbitMQ: Debian's packages in ${folder}, started privately`);
  const libraries = globSync(join(folder, '{usr/lib,lib}/*-linux-*')).filter(
    (each) => globSync(join(each, '*.so*')).length > 0,
  );
  return {
    kind: 'server',
    sbin,
    pathPrefix: join(folder, 'crossdock-bin'),
    libraryPath: libraries.length > 0 ? libraries.join(':') : undefined,
    epmd: join(erts, 'epmd'),
  };
}

/** rabbitmq-server, Erlang and what shared libraries are missing here. */
async function unpackPackages(target: string): Promise<void> {
  const work = join(target, 'packages');
  const packages = await debianPackages(work);
  const closure = await packages.needed(['rabbitmq-server'], 'Nothing');
  const missing = await packages.needed(['rabbitmq-server'], 'ThisMachine').catch(() => []);
  const wanted = new Set([
    ...closure.filter((name) => name === 'rabbitmq-server' || name.startsWith('erlang-')),
    ...missing.filter((name) => name.startsWith('lib')),
  ]);
  if (!wanted.has('rabbitmq-server'))
    throw new Error('no Debian packages: rabbitmq-server is not in the package sources of this machine');
  await packages.unpack([...wanted], target);
  await run('rm', ['-rf', work]);
  writeErlang(target);
}

/** Erlang has its own path compiled into its scripts; these two start it from wherever they are. */
function writeErlang(target: string): void {
  const erts = globSync(join(target, 'usr/lib/erlang/erts-*'))[0];
  if (erts === undefined) throw new Error('no Debian packages: erlang-base holds no erts folder');
  const bin = join(target, 'crossdock-bin');
  mkdirSync(bin);
  const script = (program: string) =>
    '#!/bin/sh\n' +
    'ROOTDIR=$(cd "$(dirname "$0")/../usr/lib/erlang" && pwd)\n' +
    `BINDIR=$ROOTDIR/${erts.slice(erts.lastIndexOf('/') + 1)}/bin\n` +
    'EMU=beam\nPROGNAME=erl\nexport ROOTDIR BINDIR EMU PROGNAME\n' +
    `exec "$BINDIR/${program}" "$@"\n`;
  for (const [name, program] of [
    ['erl', 'erlexec'],
    ['escript', 'escript'],
    ['epmd', 'epmd'],
  ] as const) {
    writeFileSync(join(bin, name), script(program));
    chmodSync(join(bin, name), 0o755);
  }
}

async function fromDocker(log: Log): Promise<DockerProgram> {
  if (which('docker') === undefined) throw new Error('no docker on the PATH');
  const engine = await runAnyway('docker', ['version', '--format', '{{.Server.Version}}'], { timeoutMs: 15_000 });
  if (engine.code !== 0)
    throw new Error(`docker is here, but its engine does not answer: ${engine.stderr.trim().split('\n')[0]}`);
  log(`RabbitMQ: docker image ${DOCKER_IMAGE} (engine ${engine.stdout.trim()})`);
  await run('docker', ['pull', '-q', DOCKER_IMAGE], { timeoutMs: 600_000 });
  return { kind: 'docker', image: DOCKER_IMAGE };
}
