import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { run } from '../../standalone/process.ts';
import { until } from '../operator/poll.ts';
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
  expect(table.trim().split('\n')).toHaveLength(7);
  expect(table).not.toMatch(/False|Unknown|none/);
  // The tracker watches deadlines, and says so.
  await shell('kubectl wait --for=condition=Ready slapolicies --all --timeout=60s');
  const business = await shell(
    `kubectl get slapolicies,businessprocesses --no-headers -o 'custom-columns=NAME:.metadata.name,OPEN:.status.open,B:.status.breached,L:.status.late'`,
  );
  expect(
    business
      .trim()
      .split('\n')
      .map((line) => line.split(/ +/)),
  ).toEqual([
    ['settlement', '0', '0', '<none>'],
    ['supplier-response', '0', '0', '<none>'],
    ['inbound', '0', '<none>', '0'],
  ]);
  const runtime = /documents by HTTP +(\S+)/.exec(said.join('\n'))![1]!;
  expect((await fetch(`${runtime}/orders`, { method: 'POST', body: '{}' })).status).toBe(401);

  const folder = dirname(environmentFile);
  await rotatesTheBrokerPassword(shell, join(folder, 'log', 'runtime.log'), said);

  expect(readFileSync(join(folder, 'log', 'runtime.log'), 'utf8')).not.toContain('demo-key-that');
  cluster.kill('SIGINT');
  const [code] = await once(cluster, 'exit');
  expect(code).toBe(0);
  expect(said.join('\n')).not.toContain(' ended (');
  expect(existsSync(folder)).toBe(false);
  // Whoever removes its folders may still be at it for a moment.
  await until('no process is left', () => livingProcesses().every((each) => !each.command.includes(folder)));
}, 180_000);

/** As the guide says: the operator draws a new password for a Secret that was deleted; whoever connects from then on uses it. */
async function rotatesTheBrokerPassword(
  shell: (command: string) => Promise<string>,
  runtimeLog: string,
  said: readonly string[],
): Promise<void> {
  const password = () => shell('kubectl get secret crossdock-broker -o "jsonpath={.data.password}" || true');
  const old = await password();
  await shell('kubectl delete secret crossdock-broker');
  await until('there is a new password', async () => !['', old].includes(await password()));
  const has = (text: string) => readFileSync(runtimeLog, 'utf8').split(text).length - 1;
  await until('the runtime knows of it', async () => has('broker credentials rotated') > 0);
  const connects = has('Connected to the broker');
  const management = new URL((await shell('echo $RABBITMQ_MANAGEMENT')).trim());
  const headers = { authorization: `Basic ${btoa(`${management.username}:${management.password}`)}` };
  const call = (path: string, method = 'GET') => fetch(new URL(`/api${path}`, management.origin), { method, headers });
  type Connection = { name: string; client_properties: { connection_name?: string } };
  const ofRuntime = async () =>
    ((await (await call('/connections')).json()) as Connection[]).filter(({ client_properties: { connection_name } }) =>
      connection_name?.startsWith('crossdock-runtime'),
    );
  await until('the broker tells of both connections', async () => (await ofRuntime()).length >= 2);
  for (const { name } of await ofRuntime()) await call(`/connections/${encodeURIComponent(name)}`, 'DELETE');
  await until('the runtime is back with the new password', async () => has('Connected to the broker') >= connects + 2);
  const admin = /runtime (http:\/\/[\d.:]+)/.exec(said.join('\n'))![1]!;
  await until('it is ready', async () => (await fetch(`${admin}/readyz`)).ok);
}
