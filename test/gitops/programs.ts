/** What GitOps tools judge with: Lua 5.1 as Argo CD has it, and kstatus as Flux has it. */
import { join } from 'node:path';
import { cached } from '../../standalone/cache.ts';
import { debianPackages, debianRelease } from '../../standalone/debian.ts';
import { type Log, run, which } from '../../standalone/process.ts';
import { goBuild, hashOfFolder, obtainGo } from '../support/go.ts';

/** On the PATH, else Debian's package, which needs no library beyond what it brings. */
export async function obtainLua(): Promise<string> {
  const found = which('lua5.1');
  if (found) return found;
  const folder = await cached(`lua-debian-${debianRelease()}-${process.arch}`, async (target) => {
    const work = join(target, 'packages');
    await (await debianPackages(work)).unpack(['lua5.1'], target);
    await run('rm', ['-rf', work]);
  });
  return join(folder, 'usr/bin/lua5.1');
}

/** Built with Go. */
export async function obtainKstatus(log: Log): Promise<string> {
  const sources = join(import.meta.dirname, 'kstatus');
  const folder = await cached(`kstatus-${hashOfFolder(sources)}-${process.arch}`, async (target) =>
    goBuild(await obtainGo(log), sources, '.', join(target, 'kstatus'), '', log),
  );
  return join(folder, 'kstatus');
}
