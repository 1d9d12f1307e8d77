import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import amqp from 'amqplib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { managementOf, ownBroker, testVhost, untilQueuesAreOnDisk } from './broker.ts';
import { livingProcesses } from './processes.ts';

describe('a broker of one’s own', () => {
  it('keeps a confirmed message in a quorum queue over kill -9 and restart, on the same ports', async () => {
    await using broker = await ownBroker();
    const before = await connect(broker.uri);
    const channel = await before.createConfirmChannel();
    await channel.assertQueue('orders', { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    channel.sendToQueue('orders', Buffer.from('PO-1001'), { persistent: true });
    await channel.waitForConfirms();

    await untilQueuesAreOnDisk(broker, 'orders');
    const { pid, uri } = broker;
    await broker.kill();
    expect(isAlive(pid)).toBe(false);
    await expect(connect(uri)).rejects.toThrow('ECONNREFUSED');
    await broker.restart();
    expect(broker.uri).toBe(uri);
    expect(broker.pid).not.toBe(pid);

    const after = await connect(uri);
    const message = await (await after.createChannel()).get('orders', { noAck: true });
    if (message === false) throw new Error('the queue is empty after the restart');
    expect(message.content.toString()).toBe('PO-1001');
    await after.close();
    expect(await broker.ctl('list_queues', '--quiet', '--no-table-headers', 'name')).toContain('orders');
  }, 90_000);

  it('is gone with its folder when its owner is killed, and does not disturb another', async () => {
    const script = `
      const { startPrivateBroker } = await import(${JSON.stringify(join(import.meta.dirname, '../../standalone/broker.ts'))});
      const broker = await startPrivateBroker();
      console.log(JSON.stringify({ uri: broker.uri, pid: broker.pid }));
      setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void owner.kill('SIGKILL'));
    await using vhost = await testVhost();
    const [line] = (await once(owner.stdout, 'data')) as [Buffer];
    const { uri, pid } = JSON.parse(line.toString()) as { uri: string; pid: number };
    const folder = await folderOf(pid);
    await (await connect(uri)).close();
    owner.kill('SIGKILL');
    await until(() => !isAlive(pid) && !existsSync(folder));
    await (await connect(vhost.uri)).close();
  }, 90_000);
});

describe('a vhost in the shared broker', () => {
  it('lets its user do all in it and nothing elsewhere, and is gone when removed', async () => {
    const [one, two] = await Promise.all([testVhost(), testVhost()]);
    const connection = await connect(one.uri);
    const channel = await connection.createChannel();
    await channel.assertQueue('inbox', { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    await connection.close();
    await expect(connect(one.uri.replace(/\/[^/]*$/, `/${two.vhost}`))).rejects.toThrow();
    const queues = await one.management.call<{ name: string }[]>('GET', `/queues/${one.vhost}`);
    expect(queues.map((queue) => queue.name)).toEqual(['inbox']);

    await Promise.all([one.remove(), two.remove()]);
    const vhosts = await managementOf(one.managementUri).call<{ name: string }[]>('GET', '/vhosts');
    expect(vhosts.map((vhost) => vhost.name)).not.toContain(one.vhost);
    await expect(connect(one.uri)).rejects.toThrow();
  });
});

async function connect(uri: string) {
  const connection = await amqp.connect(uri);
  // A killed broker ends connections with an error: expected here.
  connection.on('error', () => {});
  return connection;
}

/** The data folder of a broker is the working directory of its process. */
async function folderOf(pid: number): Promise<string> {
  return readlink(`/proc/${pid}/cwd`);
}

const isAlive = (pid: number) => livingProcesses().some((each) => each.pid === pid);

async function until(condition: () => boolean, deadlineMs = 15_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not so after ${deadlineMs} ms: ${condition}`);
    await delay(50);
  }
}
