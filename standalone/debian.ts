/** Debian packages without installing them: private package lists, downloaded and unpacked into a folder of ours. Needs apt-get and dpkg, not root. */
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run, which } from './process.ts';

export interface DebianPackages {
  /** Names of what an installation would add: to nothing at all, or to what this machine has. */
  needed(names: readonly string[], onto: 'Nothing' | 'ThisMachine'): Promise<string[]>;
  /** Downloads and unpacks; gives `name=version` of each, sorted. */
  unpack(names: readonly string[], target: string): Promise<string[]>;
}

/** Codename of the Debian release of this machine, for names in the cache. */
export function debianRelease(): string {
  const os = readFileSync('/etc/os-release', 'utf8');
  return /^VERSION_CODENAME=(.*)$/m.exec(os)?.[1]?.replaceAll('"', '') || 'unknown';
}

const KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Makes apt-get read Debian's own archive for that release, from the mirror that this machine uses for its own. */
async function sourcesOf(release: string, work: string): Promise<string[]> {
  if (!existsSync(KEYS))
    throw new Error(
      `no Debian packages of ${release}: the keys of Debian's archive are not here (package debian-archive-keyring)`,
    );
  const own = await run('apt-get', ['indextargets', '--format', '$(RELEASE) $(REPO_URI)', 'Created-By: Packages']);
  const mirror = own.split('\n').find((line) => line.startsWith(`${debianRelease()} `) && /debian\/?$/.test(line));
  const uri = mirror?.split(' ')[1] ?? 'http://deb.debian.org/debian';
  const folder = join(work, 'sources');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${release}.list`), `deb [signed-by=${KEYS}] ${uri} ${release} main\n`);
  return ['-o', 'Dir::Etc::sourcelist=/dev/null', '-o', `Dir::Etc::sourceparts=${folder}`];
}

/** Reads the package sources of this machine, or those of another release. `work` holds lists and archives; the caller removes it. */
export async function debianPackages(work: string, release?: string): Promise<DebianPackages> {
  for (const tool of ['apt-get', 'dpkg'])
    if (which(tool) === undefined) throw new Error(`no Debian packages: there is no ${tool} here`);
  for (const each of ['lists/partial', 'archives/partial']) mkdirSync(join(work, each), { recursive: true });
  const apt = [
    ...['-o', `Dir::State::lists=${join(work, 'lists')}`, '-o', `Dir::Cache=${work}`, '-o', 'Debug::NoLocking=1'],
    ...['-o', 'APT::Sandbox::User=', '-o', 'APT::Install-Recommends=0', '-o', 'Acquire::Retries=2'],
    ...(release === undefined ? [] : await sourcesOf(release, work)),
  ];
  const options = {
    cwd: work,
    timeoutMs: 300_000,
    env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
  };
  await run('apt-get', [...apt, 'update', '-q'], options);
  return {
    async needed(names, onto) {
      const status = onto === 'Nothing' ? ['-o', 'Dir::State::status=/dev/null'] : [];
      const plan = await run('apt-get', [...apt, ...status, '-s', 'install', ...names], options);
      return [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]!);
    },
    async unpack(names, target) {
      await run('apt-get', [...apt, 'download', '-q', ...[...names].sort()], options);
      const archives = globSync(join(work, '*.deb')).sort();
      for (const archive of archives) {
        await run('dpkg', ['-x', archive, target], { timeoutMs: 120_000 });
        await run('rm', [archive]);
      }
      return archives.map((archive) => {
        const [name, version] = basename(archive).split('_');
        return `${name}=${decodeURIComponent(version!)}`;
      });
    },
  };
}
