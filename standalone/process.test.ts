import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { livingProcesses } from '../test/support/processes.ts';
import { freePort, run, runAnyway, spawnManaged, untilReady, which } from './process.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossdock-process-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lives = (group: number) => livingProcesses().some((each) => each.group === group);

const shell = (script: string) =>
  spawnManaged({
    command: '/bin/sh',
    args: ['-c', script],
    env: { PATH: '/usr/bin:/bin' },
    logFile: join(folder, 'log'),
  });

it.each(['SIGKILL', 'SIGINT', 'exit'] as const)('ends with its owner and takes its folder along (%s)', async (way) => {
  const script = `
    const { removeAtExit, spawnManaged } = await import(${JSON.stringify(join(import.meta.dirname, 'process.ts'))});
    const folder = ${JSON.stringify(folder)};
    removeAtExit(folder);
    // A child of the child, as the group must go.
    const part = spawnManaged({ command: '/bin/sh', args: ['-c', 'sleep 300 & sleep 301'], env: { PATH: '/usr/bin:/bin' }, logFile: folder + '/log' });
    console.log(part.pid);
    process.stdin.once('data', () => process.exit(0));`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(owner.stdout, 'data')) as [Buffer];
  const group = Number(line.toString());
  expect(lives(group)).toBe(true);
  if (way === 'exit') owner.stdin.write('\n');
  else owner.kill(way);
  await expect.poll(() => lives(group), { timeout: 10_000 }).toBe(false);
  await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false);
});

it('kills a whole group, and one that does not listen after the grace', async () => {
  const group = shell('sleep 300 & sleep 301');
  await group.kill();
  expect(group.exit).toEqual({ code: null, signal: 'SIGKILL' });
  await expect.poll(() => lives(group.pid)).toBe(false);

  const deaf = shell("trap '' TERM; echo trapped; while :; do sleep 0.05; done");
  await expect.poll(() => deaf.tail()).toContain('trapped');
  await deaf.stop('SIGTERM', 200);
  expect(deaf.exit).toEqual({ code: null, signal: 'SIGKILL' });
});

it('tells why a part did not start, with its last words', async () => {
  const broken = shell('echo no such cookie >&2; exit 3');
  await expect(untilReady('RabbitMQ', broken, async () => false, 10_000)).rejects.toThrow(
    /RabbitMQ ended while starting \(exit code 3\).*\nno such cookie/,
  );
  const missing = spawnManaged({ command: join(folder, 'nothing'), args: [], env: {}, logFile: join(folder, 'log2') });
  await expect(untilReady('etcd', missing, async () => false, 10_000)).rejects.toThrow('ENOENT');
  const slow = shell('sleep 300');
  await expect(untilReady('PostgreSQL', slow, async () => false, 200)).rejects.toThrow('not ready after 0.2 s');
  await slow.kill();
});

it('gives back a preferred port that is free, and another when it is taken', async () => {
  const port = await freePort();
  expect(await freePort(port)).toBe(port);
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  expect(await freePort(port)).not.toBe(port);
  server.close();
});

it('runs a command to its end: input, output, failure, deadline', async () => {
  expect(await run('cat', [], { input: 'PO-1001' })).toBe('PO-1001');
  await expect(run('/bin/sh', ['-c', 'echo bad cargo >&2; exit 4'])).rejects.toThrow(/failed \(4\): bad cargo/);
  expect(await runAnyway('sleep', ['300'], { timeoutMs: 100 })).toMatchObject({ code: null });
  expect(await runAnyway(join(folder, 'nothing'), [])).toMatchObject({ code: 127 });
  expect(which('sh')).toMatch(/\/sh$/);
  expect(which('no-such-command-here')).toBeUndefined();
});
