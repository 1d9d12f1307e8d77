/**
 * A runtime as a pod has it, in a process of its own, that its parent drives: `startPod` there, this file as a program here. Plans come as
 * files, because they are large; `node bench/pod.ts` is not for people.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Plan } from '../runtime/plan.ts';
import { startRuntime } from '../runtime/runtime.ts';
import { folderSecrets } from '../runtime/secrets.ts';
import { createLog } from '../runtime/telemetry/log.ts';

export interface PodOptions {
  brokerUri: string;
  databaseUrl: string;
  /** Secrets with their values. */
  secrets: unknown[];
  pool?: string;
}
type Said = { ready: { httpPort: number; adminPort: number } } | { applied: true } | { failed: string };

export interface Pod {
  readonly pid: number;
  readonly httpPort: number;
  readonly adminPort: number;
  /** Of its process. */
  readonly child: ChildProcess;
  /** Takes the plan of that file into force; resolves when all that it wants is being consumed. */
  apply(plan: string): Promise<void>;
  kill(): Promise<void>;
}

export async function startPod(options: PodOptions, execArgv: string[] = []): Promise<Pod> {
  const child = fork(import.meta.filename, [JSON.stringify(options)], {
    execArgv: ['--no-warnings', ...execArgv],
    env: { ...process.env, LOG_LEVEL: 'error' },
  });
  const gone = new Promise<never>((_, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`the runtime ended (${signal ?? code})`)));
  });
  gone.catch(() => {});
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  const next = (): Promise<Said> =>
    Promise.race([gone, new Promise<Said>((resolve) => child.once('message', (said) => resolve(said as Said)))]);
  const first = await next();
  if (!('ready' in first)) throw new Error(`the runtime did not start: ${JSON.stringify(first)}`);
  return {
    pid: child.pid!,
    ...first.ready,
    child,
    async apply(plan) {
      child.send(plan);
      const said = await next();
      if ('failed' in said) throw new Error(said.failed);
    },
    async kill() {
      process.off('exit', end);
      const over = new Promise((resolve) => child.once('exit', resolve));
      if (child.kill('SIGKILL')) await over;
    },
  };
}

if (import.meta.main) {
  const { brokerUri, databaseUrl, secrets: values, pool } = JSON.parse(process.argv[2]!) as PodOptions;
  const secrets = folderSecrets();
  secrets.replace(values as Parameters<typeof secrets.replace>[0]);
  const listen = { host: '127.0.0.1', port: 0 };
  const runtime = await startRuntime({
    namespace: 'bench',
    ...(pool !== undefined && { pool }),
    pod: `bench-${process.pid}`,
    brokerUri,
    databaseUrl,
    secrets,
    log: createLog('bench'),
    http: listen,
    admin: listen,
  });
  const say = (said: Said) => process.send!(said);
  process.on('message', (file: string) => {
    const plan = JSON.parse(readFileSync(file, 'utf8')) as Plan;
    runtime.apply(plan).then(
      () => say({ applied: true }),
      (error: Error) => say({ failed: error.stack ?? error.message }),
    );
  });
  say({ ready: { httpPort: runtime.httpPort, adminPort: runtime.adminPort } });
}
