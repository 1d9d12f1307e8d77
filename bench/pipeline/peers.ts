/** How each peer is built (into the cache, once per version of its source) and started. */
import { createHash } from 'node:crypto';
import { cpSync, globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../../standalone/cache.ts';
import { debianPackages, debianRelease } from '../../standalone/debian.ts';
import { type Log, run, which } from '../../standalone/process.ts';
import type { Command } from './drain.ts';

export interface Peer {
  name: string;
  /** What it is, in a line. */
  what: string;
  /** Throws with the reason why it cannot be had. It finds broker and queues in BENCH_… of its environment. */
  build(log: Log): Promise<Command>;
}

const PEERS = join(import.meta.dirname, 'peers');
const BUILD_MS = 600_000;

function tool(name: string): string {
  const path = which(name);
  if (path === undefined) throw new Error(`there is no ${name} on the PATH`);
  return path;
}

/** A folder in the cache with the peer's source, built. */
function built(name: string, log: Log, build: (folder: string) => Promise<unknown>): Promise<string> {
  const source = join(PEERS, name);
  const hash = createHash('sha256');
  const files = globSync('**/*.{c,go,mod,sum,java,xml}', { cwd: source }).sort();
  for (const file of files) hash.update(file).update(readFileSync(join(source, file)));
  return cached(
    `bench-${name}-${hash.digest('hex').slice(0, 12)}-${process.arch}`,
    async (folder) => {
      log(`building the peer ${name}`);
      for (const file of files) cpSync(join(source, file), join(folder, file));
      await build(folder);
    },
    { log },
  );
}

async function library(log: Log): Promise<{ include: string; folder: string }> {
  const root = await cached(
    `librabbitmq-debian-${debianRelease()}-${process.arch}`,
    async (target) => {
      log('librabbitmq: downloading the Debian packages into the cache; nothing is installed');
      const work = join(target, 'packages');
      const packages = await debianPackages(work);
      await packages.unpack(['librabbitmq4', 'librabbitmq-dev'], target);
      rmSync(work, { recursive: true });
    },
    { log },
  );
  const [found] = globSync(join(root, 'usr/lib/*/librabbitmq.so.4'));
  if (!found) throw new Error(`${root} holds no librabbitmq; remove the folder and try again`);
  return { include: join(root, 'usr/include'), folder: join(found, '..') };
}

async function limit(log: Log): Promise<Command> {
  const gcc = tool('gcc');
  const folder = await built('c', log, async (target) => {
    const { include, folder: libraries } = await library(log);
    const link = [`-L${libraries}`, `-Wl,-rpath,${libraries}`, '-Wl,--allow-shlib-undefined', '-lrabbitmq'];
    await run(gcc, ['-O2', '-Wall', `-I${include}`, '-o', 'bridge', 'bridge.c', ...link], { cwd: target });
  });
  return { command: join(folder, 'bridge'), args: [] };
}

async function go(log: Log): Promise<Command> {
  const program = tool('go');
  const folder = await built('go', log, (target) =>
    run(program, ['build', '-trimpath', '-o', 'bridge', '.'], { cwd: target, timeoutMs: BUILD_MS }),
  );
  return { command: join(folder, 'bridge'), args: [] };
}

async function maven(name: string, log: Log): Promise<Command> {
  const [java, mvn] = [tool('java'), tool('mvn')];
  const folder = await built(name, log, (target) => {
    const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
    return run(mvn, ['-q', '-B', 'compile', copy, '-DoutputDirectory=lib'], { cwd: target, timeoutMs: BUILD_MS });
  });
  return { command: java, args: ['-cp', `${folder}/target/classes:${folder}/lib/*`, 'bench.Bridge'] };
}

export const peers: Peer[] = [
  { name: 'limit', what: 'C, librabbitmq: passes on, no decoding; acks × 50', build: limit },
  {
    name: 'amqplib',
    what: 'plain amqplib, JSON.parse, map by hand, ajv; single acks',
    build: async () => ({ command: process.execPath, args: ['--no-warnings', join(PEERS, 'amqplib.ts')] }),
  },
  { name: 'go', what: 'amqp091-go, encoding/json, map by hand, no validation; single acks', build: go },
  {
    name: 'java',
    what: 'RabbitMQ Java client, Jackson, map by hand, no validation; acks × 50',
    build: (log) => maven('java', log),
  },
  {
    name: 'camel',
    what: 'Apache Camel, spring-rabbitmq, Jackson, bean map, no validation; 50 consumers, acks × 5',
    build: (log) => maven('camel', log),
  },
];
