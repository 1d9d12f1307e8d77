import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { run } from '../../standalone/process.ts';
import { livingProcesses } from './processes.ts';

const ROOT = join(import.meta.dirname, '../..');

it('brings up a cluster where the example becomes Ready by kubectl alone, and leaves nothing behind', async () => {
  const cluster = spawn(process.execPath, ['test/support/dev-cluster.ts'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void cluster.kill('SIGKILL'));
  const said: string[] = [];
  const environmentFile = await new Promise<string>((resolve, reject) => {
    createInterface(cluster.stdout).on('line', (line) => {
      said.push(line);
      const file = /^ {2}\. (\S+)$/.exec(line)?.[1];
      if (file !== undefined) resolve(file);
    });
    cluster.once('exit', (code) => reject(new Error(`ended with ${code}:\n${said.join('\n')}`)));
  });

  // As a person would: `. FILE`, then kubectl.
  const shell = (command: string) =>
    run('/bin/sh', ['-c', `. ${environmentFile} && ${command}`], { cwd: ROOT, timeoutMs: 90_000 });
  await shell('kubectl apply -f examples/inbound-distribution');
  await shell('kubectl wait --for=condition=Ready integrations --all --timeout=75s');
  const table = await shell(
    `kubectl get integrations --no-headers -o 'custom-columns=R:.status.conditions[?(@.type=="Running")].status'`,
  );
  expect(table.trim().split('\n')).toHaveLength(6);
  expect(table).not.toMatch(/False|Unknown|none/);
  const runtime = /documents by HTTP +(\S+)/.exec(said.join('\n'))![1]!;
  expect((await fetch(`${runtime}/orders`, { method: 'POST', body: '{}' })).status).toBe(401);

  const folder = dirname(environmentFile);
  expect(readFileSync(join(folder, 'log', 'runtime.log'), 'utf8')).not.toContain('demo-key-that');
  cluster.kill('SIGINT');
  const [code] = await once(cluster, 'exit');
  expect(code).toBe(0);
  expect(said.join('\n')).not.toContain(' ended (');
  expect(existsSync(folder)).toBe(false);
  expect(livingProcesses().filter((each) => each.command.includes(folder))).toEqual([]);
}, 180_000);
