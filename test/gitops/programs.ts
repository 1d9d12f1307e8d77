/** What GitOps tools judge with: Lua 5.1 as Argo CD has it, and kstatus as Flux has it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../../standalone/cache.ts';
import { debianPackages, debianRelease } from '../../standalone/debian.ts';
import { type Log, run, which } from '../../standalone/process.ts';
import { goBuild, hashOfFolder, obtainGo } from '../support/go.ts';

/** On the PATH, else Debian's package with the libraries that this machine lacks. */
export async function obtainLua(): Promise<string> {
  const found = which('lua5.1');
  if (found) return found;
  const folder = await cached(`lua5.1-debian-${debianRelease()}-${process.arch}`, async (target) => {
    const work = join(target, 'packages');
    const packages = await debianPackages(work);
    const needed = await packages.needed(['lua5.1'], 'ThisMachine');
    await packages.unpack([...new Set(['lua5.1', ...needed])], target);
    await run('rm', ['-rf', work]);
    const script = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
LD_LIBRARY_PATH=$(echo "$here"/usr/lib/*-linux-gnu "$here"/lib/*-linux-gnu | tr ' ' ':') exec "$here/usr/bin/lua5.1" "$@"
`;
    writeFileSync(join(target, 'lua'), script, { mode: 0o755 });
  });
  return join(folder, 'lua');
}

/** Built with Go. */
export async function obtainKstatus(log: Log): Promise<string> {
  const sources = join(import.meta.dirname, 'kstatus');
  const folder = await cached(`kstatus-${hashOfFolder(sources)}-${process.arch}`, async (target) =>
    goBuild(await obtainGo(log), sources, '.', join(target, 'kstatus'), '', log),
  );
  return join(folder, 'kstatus');
}
