/** What GitOps tools judge with: Lua 5.1 as Argo CD has it, kstatus as Flux has it, and Argo CD itself. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../../standalone/cache.ts';
import type { Log } from '../../standalone/process.ts';
import { debianProgram } from '../support/debian-program.ts';
import { goBuild, goBuildPublished, hashOfFolder, obtainGo } from '../support/go.ts';

export const obtainLua = (): Promise<string> => debianProgram('lua5.1');

/** Built with Go. */
export async function obtainKstatus(log: Log): Promise<string> {
  const sources = join(import.meta.dirname, 'kstatus');
  const folder = await cached(`kstatus-${hashOfFolder(sources)}-${process.arch}`, async (target) =>
    goBuild(await obtainGo(log), sources, '.', join(target, 'kstatus'), '', log),
  );
  return join(folder, 'kstatus');
}

export interface ArgoCdPrograms {
  /** One program; ARGOCD_BINARY_NAME says as what it runs. */
  argocd: string;
  /** Its manifests of the same version. */
  manifests: string;
  redis: string;
}
/** The last 3.2 that builds from the proxy alone: 3.2.12 does not compile, and 3.3 replaces a part by a local folder. */
const ARGO_CD = '3.2.11';

export async function obtainArgoCd(log: Log): Promise<ArgoCdPrograms> {
  const folder = await cached(
    `argo-cd-${ARGO_CD}-${process.arch}`,
    async (target) => {
      log(`Argo CD: building ${ARGO_CD} (4 minutes on two cores, once)`);
      const sources = await goBuildPublished(
        `github.com/argoproj/argo-cd/v3@v${ARGO_CD}`,
        { [join(target, 'argocd')]: './cmd' },
        `-X github.com/argoproj/argo-cd/v3/common.version=${ARGO_CD}`,
        log,
      );
      for (const part of ['crds', 'base/config'])
        cpSync(join(sources, 'manifests', part), join(target, 'manifests', part), { recursive: true });
    },
    { log },
  );
  const redis = await debianProgram('redis-server');
  return { argocd: join(folder, 'argocd'), manifests: join(folder, 'manifests'), redis };
}
