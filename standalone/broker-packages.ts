/** RabbitMQ and Erlang from Debian's packages, unpacked into the cache: those of this machine's release, or of another with the C library of its own. */
import { chmodSync, closeSync, globSync, mkdirSync, openSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { cached } from './cache.ts';
import { debianPackages, debianRelease } from './debian.ts';
import { type Log, run, which } from './process.ts';

export interface UnpackedBroker {
  folder: string;
  /** Folder with rabbitmq-server and rabbitmqctl. */
  sbin: string;
  /** Holds erl and escript. */
  bin: string;
  /** For Erlang's shared libraries that this machine lacks. */
  libraryPath: string | undefined;
}

export const serverIn = (folder: string): string | undefined => globSync(join(folder, 'lib/rabbitmq_server-*/sbin'))[0];

/** Of this machine's release if none is named. */
export async function unpackedBroker(release: string | undefined, log: Log): Promise<UnpackedBroker> {
  for (const tool of ['apt-get', 'dpkg'])
    if (which(tool) === undefined) throw new Error(`no Debian packages: there is no ${tool} here`);
  const other = release === undefined || release === debianRelease() ? undefined : release;
  const folder = await cached(
    other === undefined
      ? `rabbitmq-debian-${debianRelease()}-${process.arch}`
      : `rabbitmq-debian-${other}-complete-${process.arch}`,
    async (target) => {
      const what = other === undefined ? 'the Debian packages (33 MB)' : `the packages of Debian ${other} (45 MB)`;
      log(`RabbitMQ: downloading ${what} into the cache; nothing is installed`);
      await unpack(target, other);
    },
    { log },
  );
  const sbin = serverIn(join(folder, 'usr/lib/rabbitmq'));
  if (sbin === undefined)
    throw new Error(`the unpacked packages in ${folder} hold no RabbitMQ; remove the folder and try again`);
  const libraries = other === undefined ? libraryFolders(folder) : [];
  return {
    folder,
    sbin,
    bin: join(folder, 'crossdock-bin'),
    libraryPath: libraries.length > 0 ? libraries.join(':') : undefined,
  };
}

const libraryFolders = (folder: string): string[] =>
  globSync(join(folder, '{usr/lib,lib}/*-linux-*')).filter((each) => globSync(join(each, '*.so*')).length > 0);

async function unpack(target: string, other: string | undefined): Promise<void> {
  const work = join(target, 'packages');
  const packages = await debianPackages(work, other);
  const closure = await packages.needed(['rabbitmq-server'], 'Nothing');
  const libraries =
    other === undefined ? await packages.needed(['rabbitmq-server'], 'ThisMachine').catch(() => []) : closure;
  const wanted = new Set([
    ...closure.filter((name) => name === 'rabbitmq-server' || name.startsWith('erlang-')),
    ...libraries.filter((name) => /^(lib|zlib)/.test(name) && !name.includes('python')),
  ]);
  if (!wanted.has('rabbitmq-server'))
    throw new Error('no Debian packages: rabbitmq-server is not in the package sources of this machine');
  await packages.unpack([...wanted], target);
  await run('rm', ['-rf', work]);
  if (other !== undefined) bindToOwnLibraries(target);
  writeErlang(target);
}

/**
 * Programs of another release need its C library, and that needs the loader which came with it: each program is started through that
 * loader. No variable is set for it, so the shells and tools of this machine that Erlang calls keep their own.
 */
function bindToOwnLibraries(target: string): void {
  const folders = libraryFolders(target);
  const loader = folders.flatMap((folder) => globSync(join(folder, 'ld-linux-*.so.*')))[0];
  if (loader === undefined) throw new Error('no Debian packages: libc6 holds no loader');
  for (const file of globSync(join(target, 'usr/lib/erlang/{erts-*/bin,lib/*/priv/bin}/*')).filter(isProgram)) {
    const root = `\${0%/*}/${relative(dirname(file), target)}`;
    const inRoot = (path: string) => `${root}/${relative(target, path)}`;
    renameSync(file, `${file}.elf`);
    writeFileSync(
      file,
      `#!/bin/sh\nexec "${inRoot(loader)}" --argv0 "$0" --library-path "${folders.map(inRoot).join(':')}" "${inRoot(`${file}.elf`)}" "$@"\n`,
    );
    chmodSync(file, 0o755);
  }
}

function isProgram(file: string): boolean {
  const handle = openSync(file, 'r');
  const start = Buffer.alloc(4);
  readSync(handle, start);
  closeSync(handle);
  return start.toString('latin1') === '\x7fELF';
}

/** Erlang has its own path compiled into its scripts; these start it from wherever they are. */
function writeErlang(target: string): void {
  const erts = globSync(join(target, 'usr/lib/erlang/erts-*'))[0];
  if (erts === undefined) throw new Error('no Debian packages: erlang-base holds no erts folder');
  const bin = join(target, 'crossdock-bin');
  mkdirSync(bin);
  const script = (program: string) =>
    '#!/bin/sh\n' +
    'HERE=$(cd "$(dirname "$0")" && pwd)\n' +
    `ROOTDIR=\${HERE%/*}/usr/lib/erlang\nBINDIR=$ROOTDIR/${basename(erts)}/bin\n` +
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
  // This one is started by Erlang's own programs.
  const inner = join(erts, 'bin');
  writeFileSync(join(inner, 'erl'), `#!/bin/sh\nexec "\${0%/*}/${relative(inner, join(bin, 'erl'))}" "$@"\n`);
}
