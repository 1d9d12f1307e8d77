/** The parts of the bench: control plane, RabbitMQ, PostgreSQL, the operator and the two runtimes of a pool as processes of this machine. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import type { Resource } from '../../crds/generated/types.ts';
import { CROSSDOCK } from '../../operator/kube/types.ts';
import type { RuntimeState } from '../../runtime/state.ts';
import { type PrivateBroker, startPrivateBroker } from '../../standalone/broker.ts';
import { temporaryFolder } from '../../standalone/cache.ts';
import { startPrivateDatabase } from '../../standalone/database.ts';
import {
  freePort,
  type ManagedProcess,
  removeAtExit,
  removeFolder,
  spawnManaged,
  untilReady,
} from '../../standalone/process.ts';
import { installManifests } from '../../test/operator/stage.ts';
import { type Management, managementOf } from '../../test/support/broker.ts';
import { type OwnControlPlane, startControlPlane } from '../../test/support/control-plane.ts';

export const NAMESPACE = 'scale';
const ROOT = join(import.meta.dirname, '../..');

export interface Stage {
  plane: OwnControlPlane;
  broker: PrivateBroker;
  management: Management;
  operator(): Program;
  runtimes: readonly Program[];
  /** Server-side apply, so many at once; resolves when the last is stored. */
  apply(resources: readonly Resource[], atOnce?: number): Promise<void>;
  /** What a runtime reports once its revision is above `after`. */
  state(runtime: Program, after?: number): Promise<RuntimeState>;
  /** Ends the operator and starts another; resolves when its caches hold all. Gives the milliseconds. */
  restartOperator(): Promise<number>;
  stop(): Promise<void>;
}
export interface Program {
  process: ManagedProcess;
  /** Of its health and metrics. */
  url: string;
}

export async function startStage(log: (line: string) => void): Promise<Stage> {
  const folder = temporaryFolder('bench-scale');
  removeAtExit(folder);
  const undo: (() => Promise<unknown>)[] = [async () => removeFolder(folder)];
  const stop = async () => {
    for (const step of undo.reverse()) await step();
  };
  const keep = <Part extends { stop(): Promise<unknown> }>(part: Part): Part => {
    undo.push(() => part.stop());
    return part;
  };
  const [plane, broker, database] = await Promise.all([
    startControlPlane({ log, controllers: true }).then(keep),
    startPrivateBroker({ log }).then(keep),
    startPrivateDatabase({ log, fsync: false }).then(keep),
  ]);
  await installManifests(plane);
  const made = await plane.kubectl(['create', 'namespace', NAMESPACE]);
  if (made.code !== 0) throw new Error(made.stderr);
  const { uri, managementUri } = broker;
  await plane.request('POST', `/api/v1/namespaces/${NAMESPACE}/secrets`, {
    body: { metadata: { name: 'rabbitmq' }, stringData: { uri, managementUri } },
  });

  const start = async (name: string, args: (port: string) => string[]): Promise<Program> => {
    const port = String(await freePort());
    const access = ['--kubeconfig', plane.kubeconfig, '--namespace', NAMESPACE, '--host', '127.0.0.1'];
    const process_ = spawnManaged({
      command: process.execPath,
      args: ['--no-warnings', join(ROOT, name.replace(/-\d$/, ''), 'main.ts'), ...access, ...args(port)],
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: folder },
      logFile: join(folder, `${name}.log`),
    });
    undo.push(() => process_.stop('SIGTERM', 25_000));
    return { process: process_, url: `http://127.0.0.1:${port}` };
  };
  const runtimes: Program[] = [];
  for (const name of ['runtime-1', 'runtime-2'])
    runtimes.push(await start(name, (port) => ['--database', database.url, '--http-port', '0', '--admin-port', port]));
  const startOperator = async () => {
    const addresses = runtimes.map(({ url }) => url);
    const program = await start('operator', (port) => ['--metrics-port', port, '--runtime-url', ...addresses]);
    const ready = async () => (await fetch(`${program.url}/readyz`)).ok;
    await untilReady('the operator', program.process, ready, 120_000);
    return program;
  };
  let operator = await startOperator();
  let token: string | undefined;
  return {
    ...{ plane, broker, management: managementOf(managementUri), runtimes, stop },
    operator: () => operator,
    async apply(resources, atOnce = 16) {
      const left = [...resources].reverse();
      const work = async () => {
        for (let next = left.pop(); next; next = left.pop()) {
          const path = `/apis/crossdock.dev/v1alpha1/namespaces/${NAMESPACE}/${CROSSDOCK[next.kind].plural}/${next.metadata.name}`;
          const options = { body: next, contentType: 'application/apply-patch+yaml' };
          const { status, body } = await plane.request('PATCH', `${path}?fieldManager=bench&force=true`, options);
          if (status >= 300) throw new Error(`${next.kind} ${next.metadata.name}: ${JSON.stringify(body)}`);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
    },
    async state({ url }, after) {
      if (token === undefined) {
        const path = `/api/v1/namespaces/${NAMESPACE}/secrets/crossdock-runtime-token`;
        const { body } = await plane.request<{ data: { token: string } }>('GET', path);
        token = Buffer.from(body.data.token, 'base64').toString();
      }
      const query = after === undefined ? '' : `?after=${after}`;
      const answer = await request(`${url}/state${query}`, { headers: { authorization: `Bearer ${token}` } });
      return (await answer.body.json()) as RuntimeState;
    },
    async restartOperator() {
      await operator.process.stop();
      const began = performance.now();
      operator = await startOperator();
      return performance.now() - began;
    },
  };
}

/** Resident, and the most that it ever was. */
export function memoryMiB(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024;
  return { now: of('VmRSS'), peak: of('VmHWM') };
}
