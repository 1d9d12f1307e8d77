/** A program of Debian for tests: on the PATH, else its package with the libraries that this machine lacks; nothing is installed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../../standalone/cache.ts';
import { debianPackages, debianRelease } from '../../standalone/debian.ts';
import { run, which } from '../../standalone/process.ts';

/** Path of what runs it; one in the cache finds all that it needs in its own folder, wherever that is copied. */
export async function debianProgram(name: string, pkg = name, path = `usr/bin/${name}`): Promise<string> {
  const found = which(name);
  if (found) return found;
  const folder = await cached(`program-${name}-debian-${debianRelease()}-${process.arch}`, async (target) => {
    const work = join(target, 'packages');
    const packages = await debianPackages(work);
    const needed = await packages.needed([pkg], 'ThisMachine');
    await packages.unpack([...new Set([pkg, ...needed])], target);
    await run('rm', ['-rf', work]);
    const script = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
LD_LIBRARY_PATH=$(echo "$here"/usr/lib/*-linux-gnu "$here"/lib/*-linux-gnu | tr ' ' ':') exec "$here/${path}" "$@"
`;
    writeFileSync(join(target, 'run'), script, { mode: 0o755 });
  });
  return join(folder, 'run');
}
