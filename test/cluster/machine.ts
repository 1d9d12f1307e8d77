/**
 * A machine within this one: a process namespace whose first process ends all others with it, a network of its own without a way out, and
 * mounts of its own. Everything of a cluster runs in there; killing its first process leaves files and control groups, nothing else.
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ManagedProcess, run, runAnyway, spawnManaged } from '../../standalone/process.ts';

export const NODE_ADDRESS = '10.77.0.1';

export interface Machine {
  /** Of the first process, as this machine numbers it. */
  readonly pid: number;
  readonly folder: string;
  /** Runs a command inside to its end. Never rejects: look at `code`. */
  run(
    command: string,
    args: readonly string[],
    options?: { env?: NodeJS.ProcessEnv; input?: string; timeoutMs?: number },
  ): Promise<{ stdout: string; stderr: string; code: number | null }>;
  /** Starts what goes on by itself; its output goes to `log/<name>.log`. */
  start(name: string, command: string, args: readonly string[], env: Record<string, string>): Promise<Part>;
}
export interface Part {
  /** Of the process, as it is numbered inside. */
  readonly pid: number;
  readonly logFile: string;
  signal(signal: 'TERM' | 'KILL' | 'STOP' | 'CONT'): Promise<void>;
  isAlive(): Promise<boolean>;
}

/** `lasting`: goes on when this process ends. */
export async function startMachine(folder: string, tools: string, lasting: boolean): Promise<Machine> {
  mkdirSync(join(folder, 'log'), { recursive: true });
  const args = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'slave'];
  const command = [...args, tools, 'pause'];
  const holder = lasting ? detached(folder, command) : managed(folder, command);
  const pid = await childOf(holder);
  writeFileSync(join(folder, 'pid'), `${pid}`);
  const machine = machineAt(folder, pid);
  // Of /run, /var/lib and /var/log the node has its own: what it leaves there goes with it.
  const script = `set -e
    for each in /run /var/lib /var/log; do mount -t tmpfs -o mode=0755 tmpfs $each; done
    mkdir -p /run/netns /var/lib/cni /run/lock
    ip link set lo up
    ip link add node0 type veth peer name node1
    ip address add ${NODE_ADDRESS}/24 dev node0
    ip link set node0 up
    ip link set node1 up
    ip route add default via 10.77.0.254 dev node0
    echo 1 > /proc/sys/net/ipv4/ip_forward`;
  const { code, stderr } = await machine.run('/bin/sh', ['-c', script]);
  if (code !== 0) throw new Error(`a network of its own cannot be made: ${stderr.trim()}`);
  return machine;
}

/** The machine of a folder that goes on; undefined when there is none (any more). */
export function runningMachine(folder: string): Machine | undefined {
  const file = join(folder, 'pid');
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, 'utf8'));
  const is = commandOf(pid);
  return is.includes('pause') && is.includes('tools') ? machineAt(folder, pid) : undefined;
}

export async function stopMachine(folder: string): Promise<void> {
  const machine = runningMachine(folder);
  if (!machine) return;
  process.kill(machine.pid, 'SIGKILL');
  for (const end = Date.now() + 20_000; commandOf(machine.pid) !== ''; await delay(50))
    if (Date.now() > end) throw new Error(`process ${machine.pid} of ${folder} does not end`);
}

function machineAt(folder: string, pid: number): Machine {
  const inside = ['--target', `${pid}`, '--net', '--mount', '--pid', '--'];
  const machine: Machine = {
    pid,
    folder,
    run: (command, args, options) => runAnyway('nsenter', [...inside, command, ...args], options),
    async start(name, command, args, env) {
      const logFile = join(folder, 'log', `${name}.log`);
      // The shell ends, its child becomes a child of the first process.
      const script = 'log=$1; shift; "$@" >> "$log" 2>&1 < /dev/null & echo $!';
      const { stdout, stderr, code } = await machine.run(
        'setsid',
        ['/bin/sh', '-c', script, 'sh', logFile, command, ...args],
        { env },
      );
      if (code !== 0) throw new Error(`${name} does not start: ${stderr.trim()}`);
      const own = Number(stdout.trim());
      return {
        pid: own,
        logFile,
        signal: async (signal) => void (await machine.run('/bin/kill', [`-${signal}`, `${own}`])),
        isAlive: async () => (await machine.run('/bin/kill', ['-0', `${own}`])).code === 0,
      };
    },
  };
  return machine;
}

function managed(folder: string, args: readonly string[]): number {
  const holder: ManagedProcess = spawnManaged({
    command: 'unshare',
    args,
    env: { PATH: process.env.PATH! },
    logFile: join(folder, 'log', 'machine.log'),
  });
  return holder.pid;
}

function detached(folder: string, args: readonly string[]): number {
  const log = openSync(join(folder, 'log', 'machine.log'), 'a');
  const child = spawn('unshare', args, { detached: true, stdio: ['ignore', log, log], cwd: '/' });
  closeSync(log);
  child.unref();
  return child.pid!;
}

async function childOf(pid: number): Promise<number> {
  for (const end = Date.now() + 10_000; Date.now() < end; await delay(20)) {
    const children = read(`/proc/${pid}/task/${pid}/children`).trim();
    if (children !== '' && commandOf(Number(children)).includes('pause')) return Number(children);
  }
  throw new Error('unshare made no namespaces: are they allowed here? (CAP_SYS_ADMIN)');
}

const commandOf = (pid: number): string => read(`/proc/${pid}/cmdline`);
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Folders of the hierarchies of control groups of this machine: several of version 1, or the one of version 2. */
function hierarchies(): { folder: string; version: 1 | 2 }[] {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, folder, type]) => folder?.startsWith('/sys/fs/cgroup') && type?.startsWith('cgroup'));
  return mounts.map(([, folder, type]) => ({ folder: folder!, version: type === 'cgroup2' ? 2 : 1 }));
}

/** A control group for the pods, in each hierarchy. */
export function makeControlGroup(name: string): void {
  for (const { folder, version } of hierarchies()) {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    if (version === 1 && existsSync(join(path, 'cpuset.cpus')))
      for (const file of ['cpuset.cpus', 'cpuset.mems'])
        writeFileSync(join(path, file), readFileSync(join(folder, file), 'utf8'));
    if (version === 2 && existsSync(join(path, 'cgroup.subtree_control')))
      for (const each of read(join(path, 'cgroup.controllers')).trim().split(' ').filter(Boolean))
        try {
          writeFileSync(join(path, 'cgroup.subtree_control'), `+${each}`);
        } catch {
          // The controller is used by a version 1 hierarchy.
        }
  }
}

/** Removes it with all below; what was in them has ended. The kernel takes its time for each, so all hierarchies at once. */
export async function removeControlGroup(name: string): Promise<void> {
  await Promise.all(hierarchies().map(({ folder }) => removeBelow(join(folder, name))));
}

async function removeBelow(path: string): Promise<void> {
  if (!existsSync(path)) return;
  const below = await readdir(path, { withFileTypes: true });
  const children = below.filter((each) => each.isDirectory()).map(({ name }) => join(path, name));
  await Promise.all(children.map(removeBelow));
  for (const end = Date.now() + 10_000; existsSync(path); await delay(20))
    await rmdir(path).catch((error: unknown) => {
      if (Date.now() > end) throw error;
    });
}

export async function makeCertificates(tools: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const names = [NODE_ADDRESS, '127.0.0.1', '10.96.0.1', 'localhost', 'kubernetes', 'kubernetes.default'];
  await run(tools, [
    'certificates',
    folder,
    ...names,
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
  ]);
}
