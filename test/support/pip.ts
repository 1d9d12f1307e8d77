/** What can be had from PyPI: by whatever pip this machine has. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../standalone/cache.ts';
import { run, runAnyway, which } from '../../standalone/process.ts';

/** Throws when there is no python3, or pip does not succeed. */
export async function pip([verb, ...rest]: [verb: string, ...rest: string[]]): Promise<void> {
  const python = which('python3');
  if (python === undefined) throw new Error(`no python3 on the PATH for pip ${verb} ${rest.at(-1)}`);
  const args = ['-m', 'pip', verb, '--quiet', '--disable-pip-version-check', ...rest];
  const direct = await runAnyway(python, args, { timeoutMs: 300_000 });
  if (direct.code === 0) return;
  // Debian's python3 has no pip of its own; a virtual environment brings one where python3-venv is there.
  const environment = temporaryFolder('venv');
  try {
    await run(python, ['-m', 'venv', environment], { timeoutMs: 120_000 });
    await run(join(environment, 'bin', 'python'), args, { timeoutMs: 300_000 });
  } finally {
    rmSync(environment, { recursive: true, force: true });
  }
}
