/** The tracker's process on a real API server: it waits for its Secret, follows, takes a rotated password, and tells of gaps. */
import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { BROKER_SECRET, PLAN_CONFIG_MAP, TRACKER_KEY } from '../../runtime/published.ts';
import { freePort } from '../../standalone/process.ts';
import type { TrackerPlan } from '../../tracker/plan.ts';
import { readTransactions } from '../../tracker/transactions.ts';
import { sharedControlPlane } from '../support/control-plane.ts';
import { entry, makeJournal, until } from './support.ts';

const PLAN: TrackerPlan = {
  processes: [
    {
      name: 'orders',
      generation: 1,
      keyName: 'order',
      documents: [{ type: 'order.v1', role: 'Fact', key: [] }],
      milestones: [
        { name: 'Released', scope: 'Order', completeBy: 'Document', document: { type: 'order.v1' }, after: [] },
      ],
      matches: [],
      units: [],
    },
  ],
};

it('follows with what the Secret says now, and is ready when it does', { timeout: 90_000 }, async () => {
  const [plane, port] = await Promise.all([sharedControlPlane(), freePort()]);
  await using journal = await makeJournal();
  await journal.declarePayloads();
  const { name, remove } = await plane.testNamespace();
  const { vhost } = journal;
  const child = spawn(
    process.execPath,
    [
      ...[
        '--no-warnings',
        'tracker/main.ts',
        '--namespace',
        name,
        '--kubeconfig',
        plane.kubeconfigFor(plane.adminToken),
      ],
      ...['--database', journal.databaseUrl, '--host', '127.0.0.1', '--admin-port', `${port}`],
    ],
    { env: { PATH: process.env.PATH }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
    return { status: response?.status, text: (await response?.text()) ?? '' };
  };
  const secret = (uri: string) => ({
    metadata: { name: BROKER_SECRET },
    data: { uri: Buffer.from(uri).toString('base64') },
  });
  const path = `/api/v1/namespaces/${name}/secrets`;
  const entries = async () =>
    (await journal.database.query('select from entries where namespace = $1', [name])).rowCount;
  try {
    await until('no access yet', async () => /no access to the broker yet/.test((await get('/readyz')).text));
    expect((await get('/readyz')).status).toBe(503);
    await plane.request('POST', path, { body: secret(vhost.uri) });
    await journal.write([entry('d1', '', 'Accepted', { keys: { order: ['PO-1'] } }), entry('d1', 'a', 'DeadLettered')]);
    await until('ready', async () => (await get('/readyz')).status === 200);
    await until('folded', async () => (await entries()) === 2);
    await plane.request('POST', `/api/v1/namespaces/${name}/configmaps`, {
      body: { metadata: { name: PLAN_CONFIG_MAP }, data: { [TRACKER_KEY]: JSON.stringify(PLAN) } },
    });
    await until(
      'the process is known',
      async () => (await readTransactions(journal.database, name, 'PO-1')).length === 1,
    );
    expect(await readTransactions(journal.database, name, 'PO-1')).toMatchObject([
      { process: 'orders', state: 'Complete' },
    ]);

    await vhost.management.call('PUT', `/users/${vhost.user}`, { password: 'rotated', tags: '' });
    const rotated = new URL(vhost.uri);
    rotated.password = 'rotated';
    await plane.request('PUT', `${path}/${BROKER_SECRET}`, { body: secret(rotated.href) });
    // Twice: one connection to publish, one to consume.
    await until('connected anew', () => output.split('Connected to the broker').length - 1 === 4);
    await journal.write([entry('d2', '', 'Accepted')]);
    await until('folded after the rotation', async () => (await entries()) === 3);
    await until('ready again', async () => (await get('/readyz')).status === 200);
    const dead = `crossdock_documents{namespace="${name}",state="DeadLettered"} 1`;
    await until('counted', async () => (await get('/metrics')).text.includes(dead));
    await journal.remove();
    await journal.declare();
    for (let n = 3; n < 9; n++) await journal.write([entry(`d${n}`, '', 'Accepted')]);
    await until('a gap is told', async () => /its journal had a gap/.test((await get('/readyz')).text));
    // Restarting would mend nothing, so a gap alone does not make it unready.
    await until('ready with a gap', async () => (await get('/readyz')).status === 200);
    expect((await get('/metrics')).text).toContain(`crossdock_journal_gaps_total{namespace="${name}"} 1`);
    expect(output).not.toContain(vhost.password);
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
  } finally {
    child.kill('SIGKILL');
    await remove();
  }
});
