/** The private broker as a container, where RabbitMQ comes by docker only. Its data lives in a volume of its own. */
import { spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { addresses, type BrokerIdentity, configuration, overview, type PrivateBroker, serves } from './broker.ts';
import type { DockerProgram } from './broker-program.ts';
import { type Log, removeFolder, run, runAnyway } from './process.ts';

const START_DEADLINE_MS = 120_000;

export async function startDockerBroker(
  program: DockerProgram,
  folder: string,
  identity: BrokerIdentity,
  log: Log,
  keepsData: boolean,
): Promise<PrivateBroker> {
  const name = identity.node.split('@')[0]!;
  const configFile = join(folder, 'rabbitmq.conf');
  // The container's user must be able to read it; the folder above is closed to others.
  writeFileSync(configFile, configuration(identity, '0.0.0.0', 5672, 15672));
  chmodSync(configFile, 0o644);
  const docker = (...args: string[]) => run('docker', args, { timeoutMs: 120_000 });
  const startContainer = () =>
    docker(
      ...['run', '--detach', '--rm', '--name', name, '--hostname', name, '--volume', `${name}:/var/lib/rabbitmq`],
      ...['--volume', `${configFile}:/etc/rabbitmq/conf.d/90-crossdock.conf:ro`],
      ...[
        '--publish',
        `127.0.0.1:${identity.amqpPort}:5672`,
        '--publish',
        `127.0.0.1:${identity.managementPort}:15672`,
      ],
      program.image,
    );
  const waitGone = async () => {
    while ((await runAnyway('docker', ['inspect', name])).code === 0) await delay(100);
  };
  const untilServing = async () => {
    const end = Date.now() + START_DEADLINE_MS;
    while (!(await serves(identity).catch(() => false))) {
      const running = (await runAnyway('docker', ['inspect', name])).code === 0;
      if (!running || Date.now() > end)
        throw new Error(`RabbitMQ in the container ${name} ${running ? 'is not ready' : 'ended'}`);
      await delay(200);
    }
    return Number((await docker('inspect', '--format', '{{.State.Pid}}', name)).trim());
  };
  const kill = async () => {
    await runAnyway('docker', ['kill', '--signal', 'KILL', name]);
    await waitGone();
  };

  // The container is the engine's child, not ours: a watcher removes it when we are gone, in whatever way.
  const forget = keepsData ? '' : `; docker volume rm -f ${name}`;
  const watcher = spawn(
    '/bin/sh',
    [
      '-c',
      `trap '' INT HUP; while kill -0 ${process.pid} 2>/dev/null; do sleep 1; done; docker rm -f ${name}${forget}`,
    ],
    { stdio: 'ignore', detached: true },
  );
  watcher.unref();
  let pid: number;
  const stop = async () => {
    watcher.kill();
    if (keepsData) await runAnyway('docker', ['stop', name]);
    else await kill();
    await waitGone();
    if (!keepsData) {
      await runAnyway('docker', ['volume', 'rm', '-f', name]);
      removeFolder(folder);
    }
  };
  try {
    await startContainer();
    pid = await untilServing();
  } catch (error) {
    await stop();
    throw error;
  }
  const { rabbitmq_version: version } = (await overview(identity))!;
  log(`RabbitMQ ${version} in the container ${name} serves AMQP on 127.0.0.1:${identity.amqpPort}`);
  return {
    ...addresses(identity),
    version,
    folder,
    get pid() {
      return pid;
    },
    kill,
    async restart() {
      await runAnyway('docker', ['stop', name]);
      await waitGone();
      await startContainer();
      pid = await untilServing();
    },
    ctl: (...args) => docker('exec', name, 'rabbitmqctl', ...args),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
