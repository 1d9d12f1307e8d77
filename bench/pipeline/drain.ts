/** One drain: a process empties one queue into another; its speed and cost over the second half. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import amqp from 'amqplib';

export interface Command {
  command: string;
  args: string[];
  env?: Record<string, string>;
}
export interface Figures {
  documentsPerSecond: number;
  cpuMicrosPerDocument: number;
  brokerMicrosPerDocument: number;
  rssMiB: number;
  /** What share of the machine others used meanwhile, 0 to 1: rates are worth little above 0.1, CPU per document still is. */
  othersShare: number;
}
interface Drain {
  /** With the vhost. */
  uri: string;
  to: string;
  total: number;
  brokerPid: number;
  command: Command;
  /** Processes of it; default 1. */
  pods?: number;
  /** Throws when a document that came out is not what it should be. */
  check(body: Buffer): void;
}

const POLL_MS = 10;
/** A candidate that moves nothing for so long has failed. JVMs on a busy machine take seconds to start. */
const STALL_MS = 60_000;

/** User and system time of a process and its ended children, ms. */
export const cpuMs = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
};
const rssMiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Of all cores: time that was used, and all time, ms. */
const machineMs = (): { busy: number; all: number } => {
  const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!;
  // user nice system idle iowait irq softirq steal
  const [user, nice, system, idle, iowait, irq, softirq, steal] = line
    .split(/\s+/)
    .slice(1, 9)
    .map((ticks) => Number(ticks) * 10);
  const busy = user! + nice! + system! + irq! + softirq! + steal!;
  return { busy, all: busy + idle! + iowait! };
};

/** Waits until the broker has finished what it does after the backlog was written, at most 10 s. */
async function untilQuiet(pid: number): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 250) {
    const before = cpuMs(pid);
    await sleep(250);
    if (cpuMs(pid) - before <= 50) return;
  }
}

/** Processes of one command, told apart by BENCH_POD; a failure of one is a failure of all. */
export class Pods {
  readonly #children: ChildProcess[];
  readonly #words: string[] = [];
  readonly #end = () => {
    for (const child of this.#children) child.kill('SIGKILL');
  };
  #failure: string | undefined;
  readonly #gone: Promise<void>;

  constructor({ command, args, env }: Command, count: number) {
    this.#children = Array.from({ length: count }, (_, n) =>
      spawn(command, args, {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...env, BENCH_POD: `pod-${n}` },
      }),
    );
    process.once('exit', this.#end);
    this.#gone = Promise.race(this.#children.map((child) => this.#watch(child)));
  }

  #watch(child: ChildProcess): Promise<void> {
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (chunk: string) => this.#words.push(chunk));
    child.once('error', ({ message }) => {
      this.#failure ??= message;
    });
    return new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#failure ??= `it ended (${signal ?? code})`;
        resolve();
      });
    });
  }

  /** The last that they said. */
  get words(): string {
    return this.#words.join('').trim().slice(-600);
  }
  /** CPU in ms and RSS in MiB of all. Throws when one is gone. */
  async use(): Promise<{ cpu: number; rss: number }> {
    // Its /proc is there until its end is known here; if not, the end is about to be.
    const there = this.#children.every(({ pid }) => pid !== undefined && existsSync(`/proc/${pid}/stat`));
    if (!there) await this.#gone;
    if (this.#failure) throw new Error(`${this.#failure}: ${this.words}`);
    const sum = (of: (pid: number) => number) => this.#children.reduce((total, { pid }) => total + of(pid!), 0);
    return { cpu: sum(cpuMs), rss: sum(rssMiB) };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map(ended));
    process.off('exit', this.#end);
  }
}

export async function drain({ uri, to, total, brokerPid, command, pods: count = 1, check }: Drain): Promise<Figures> {
  const connection = await amqp.connect(uri);
  const channel = await connection.createChannel();
  await untilQuiet(brokerPid);
  const pods = new Pods(command, count);
  const sample = async () => {
    const { cpu, rss } = await pods.use();
    const { messageCount } = await channel.checkQueue(to);
    return { count: messageCount, at: performance.now(), cpu, rss, broker: cpuMs(brokerPid), machine: machineMs() };
  };
  try {
    let now = await sample();
    let middle: typeof now | undefined;
    for (let moved = now; now.count < total; now = await sample()) {
      if (!middle && now.count >= total / 2) middle = now;
      if (now.count > moved.count) moved = now;
      else if (now.at - moved.at > STALL_MS) throw new Error(`stuck at ${now.count} of ${total}: ${pods.words}`);
      await sleep(POLL_MS);
    }
    if (now.count > total) throw new Error(`${now.count} documents came out of ${total}`);
    if (!middle) throw new Error('too fast to be measured: give it more documents');
    const documents = now.count - middle.count;
    const [cpu, brokerCpu] = [now.cpu - middle.cpu, now.broker - middle.broker];
    const others = now.machine.busy - middle.machine.busy - cpu - brokerCpu;
    const first = await channel.get(to);
    if (!first) throw new Error('nothing can be read from the output');
    check(first.content);
    return {
      documentsPerSecond: documents / ((now.at - middle.at) / 1000),
      cpuMicrosPerDocument: (cpu * 1000) / documents,
      brokerMicrosPerDocument: (brokerCpu * 1000) / documents,
      rssMiB: now.rss,
      othersShare: Math.max(0, others / (now.machine.all - middle.machine.all)),
    };
  } finally {
    await pods.stop();
    await connection.close();
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
