/** The layer below the programs: Node 24 and the libraries that it needs, from Debian's packages. No shell, no package manager. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, cacheFolder } from '../standalone/cache.ts';
import { debianPackages, debianRelease } from '../standalone/debian.ts';
import { type Log, run } from '../standalone/process.ts';
import { entriesOf, type TarEntry } from './tar.ts';

export const USER = 10001;
const LIBRARIES = ['gcc-12-base', 'gcc-14-base', 'libc6', 'libgcc-s1', 'libstdc++6'];

export interface Base {
  entries: TarEntry[];
  node: string;
  /** `name=version`. */
  debian: string[];
  release: string;
}

export async function base(log: Log): Promise<Base> {
  const release = debianRelease();
  const folder = await cached(
    `image-base-debian-${release}-${process.arch}`,
    async (target) => {
      log('image: downloading the Debian packages of the base layer');
      const work = join(target, 'packages');
      const packages = await debianPackages(work);
      const closure = await packages.needed(['libstdc++6'], 'Nothing');
      const wanted = LIBRARIES.filter((name) => closure.includes(name));
      const got = await packages.unpack(wanted, join(target, 'root'));
      await run('rm', ['-rf', work]);
      writeFileSync(join(target, 'packages.json'), JSON.stringify(got));
    },
    { log },
  );
  const root = join(folder, 'root');
  const node = await nodePackage(log);
  const file = (path: string, text: string): TarEntry => ({
    path,
    type: 'File',
    mode: 0o644,
    data: Buffer.from(text),
  });
  return {
    node: versionOf(node),
    debian: JSON.parse(readFileSync(join(folder, 'packages.json'), 'utf8')) as string[],
    release,
    entries: [
      ...entriesOf(root, isNeeded),
      ...merged(root),
      { path: 'usr/bin/node', type: 'File', mode: 0o755, data: readFileSync(join(node, 'bin/node')) },
      file('usr/share/doc/node/LICENSE', readFileSync(join(node, 'LICENSE'), 'utf8')),
      file('etc/passwd', `root:x:0:0:root:/:/sbin/nologin\ncrossdock:x:${USER}:${USER}:crossdock:/:/sbin/nologin\n`),
      file('etc/group', `root:x:0:\ncrossdock:x:${USER}:\n`),
      file('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
      { path: 'tmp', type: 'Folder', mode: 0o1777 },
    ],
  };
}

const isNeeded = (path: string): boolean =>
  /^(usr\/)?lib(64)?\/([^/]+-linux-gnu\/)?[^/]+\.so[^/]*$/.test(path) ||
  /^usr\/share\/doc\/[^/]+(\/copyright)?$/.test(path);

/** Since Debian 13 all is below /usr, and the loader is looked for below /. */
const merged = (root: string): TarEntry[] =>
  ['lib', 'lib64']
    .filter((name) => !existsSync(join(root, name)) && existsSync(join(root, 'usr', name)))
    .map((path) => ({ path, type: 'Link', target: `usr/${path}` }));

/** The npm package of the binary, with its licence; where scripts/bootstrap.sh keeps it as well. */
async function nodePackage(log: Log): Promise<string> {
  const { devDependencies } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
    devDependencies: { node: string };
  };
  const name = `node-linux-${process.arch}`;
  const folder = join(cacheFolder(), `node-${devDependencies.node}`);
  const found = join(folder, 'node_modules', name);
  if (!existsSync(join(found, 'bin/node'))) {
    log(`image: getting ${name} ${devDependencies.node}`);
    const flags = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
    mkdirSync(folder, { recursive: true });
    await run('npm', ['install', '--prefix', folder, ...flags, `${name}@${devDependencies.node}`], {
      timeoutMs: 300_000,
    });
  }
  return found;
}

const versionOf = (folder: string): string =>
  (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
