/** Root file systems of Debian packages, for the images that clusters without a way to a registry run beside ours. */
import { existsSync, globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../standalone/cache.ts';
import { debianPackages, debianRelease } from '../standalone/debian.ts';
import { type Log, run } from '../standalone/process.ts';
import { entriesOf, type TarEntry } from './tar.ts';

/** What is there on every Debian and therefore not named by those that need it. */
const ESSENTIAL = ['dash', 'coreutils', 'sed', 'grep', 'hostname', 'libc-bin'];
const LEFT_OUT = /^(adduser|apt|debconf|dpkg|passwd|perl.*|tar|logrotate|cron|socat|init-system-helpers|lsb-base)$/;
const NOT_IN_AN_IMAGE = /^usr\/share\/(man|locale|info|i18n|zoneinfo|lintian|bash-completion|doc\/(?!.*\/copyright$))/;

export interface DebianTree {
  folder: string;
  entries: TarEntry[];
}

/** The packages with all that they need, unpacked and not set up: no maintainer script is run. */
export async function debianTree(name: string, names: readonly string[], log: Log): Promise<DebianTree> {
  const folder = await cached(
    `image-${name}-debian-${debianRelease()}-${process.arch}`,
    async (target) => {
      log(`image: downloading Debian's packages of ${names.join(', ') || name}`);
      const work = join(target, 'packages');
      const packages = await debianPackages(work);
      const closure = await packages.needed([...names, ...ESSENTIAL], 'Nothing');
      const got = await packages.unpack(
        closure.filter((each) => !LEFT_OUT.test(each)),
        join(target, 'root'),
      );
      await run('rm', ['-rf', work]);
      writeFileSync(join(target, 'packages.json'), JSON.stringify(got));
    },
    { log },
  );
  const root = join(folder, 'root');
  return { folder: root, entries: [...entriesOf(root, (path) => !NOT_IN_AN_IMAGE.test(path)), ...merged(root)] };
}

/** Since Debian 13 all is below /usr, and the loader and the shell are looked for below /. */
const merged = (root: string): TarEntry[] =>
  ['bin', 'lib', 'lib64', 'sbin']
    .filter((name) => !existsSync(join(root, name)) && existsSync(join(root, 'usr', name)))
    .map((path) => ({ path, type: 'Link', target: `usr/${path}` }));

export const userFiles = (name: string, id: number): TarEntry[] => {
  const file = (path: string, text: string): TarEntry => ({
    path,
    type: 'File',
    mode: 0o644,
    data: Buffer.from(text),
  });
  return [
    file('etc/passwd', `root:x:0:0:root:/:/bin/sh\n${name}:x:${id}:${id}:${name}:/:/bin/sh\n`),
    file('etc/group', `root:x:0:\n${name}:x:${id}:\n`),
    file('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
    { path: 'tmp', type: 'Folder', mode: 0o1777 },
  ];
};

export const one = (root: string, pattern: string): string => {
  const [found] = globSync(pattern, { cwd: root });
  if (found === undefined) throw new Error(`${root} holds no ${pattern}`);
  return found;
};
