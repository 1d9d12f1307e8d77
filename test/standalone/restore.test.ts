/** docs/guides/backup-and-restore.md, step by step: PostgreSQL comes back from a backup that is older than what the broker has. */
import { execFileSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import pg from 'pg';
import { expect, it } from 'vitest';
import { openStore } from '../../runtime/store/postgres.ts';
import { createLog } from '../../runtime/telemetry/log.ts';
import { sharedDatabase } from '../support/database.ts';
import { makeStand, post, type Stand, startDevProcess, summary } from './support.ts';

const log = createLog('test', { stream: new PassThrough() });

async function administer(...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: (await sharedDatabase()).url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

it('a PostgreSQL that is older than the broker: accounts come back from the journal, and the fence keeps out what came before', {
  timeout: 240_000,
}, async () => {
  await using stand = await makeStand();
  stand.write('notices.yaml', noticesYaml(stand));
  const name = new URL(stand.databaseUrl).pathname.slice(1);
  const backup = `${name}_backup`;
  const send = (dev: { http: string }, key: string, number: string) =>
    post(() => `${dev.http}/notices`, key, { number });
  const delivered = (count: number) =>
    stand.until((rows) => (summary(rows)['notices/sink Delivered'] ?? 0) === count, 60_000);
  const numbersOf = async (...documents: string[]) => {
    const store = openStore({ url: stand.databaseUrl, namespace: stand.namespace, log });
    const drawn = await Promise.all(documents.map((document) => store.controlNumber('x12/US/THEM', document, 'out')));
    await store.close();
    return drawn;
  };

  let dev = await startDevProcess(stand);
  expect(await send(dev, 'first', 'N-1')).toBe(202);
  await delivered(1);
  expect(await numbersOf('d1')).toEqual([1]);
  await dev.stop();
  const alone = `select pg_terminate_backend(pid) from pg_stat_activity where datname in ('${name}', '${backup}')`;
  await administer(alone, `create database ${backup} template ${name}`);

  // Life goes on after the backup.
  dev = await startDevProcess(stand);
  for (const number of ['N-2', 'N-3']) expect(await send(dev, `of-${number}`, number)).toBe(202);
  await delivered(3);
  const used = await numbersOf('d2', 'd3');
  await dev.stop();

  await administer(alone, `drop database ${name} with (force)`, `create database ${name} template ${backup}`);
  dev = await startDevProcess(stand);
  try {
    // The tracker goes on at the offset that was restored, and reads again what came since.
    await delivered(3);
    // This is what the fence is for: a repetition of what came after the backup passes as new.
    expect(await send(dev, 'again-2', 'N-2')).toBe(202);
    await delivered(4);
    expect(stand.ledger.effects.filter(({ body }) => body.number === 'N-2')).toHaveLength(2);

    const command = [
      'cli/main.ts',
      'restored',
      '--database',
      stand.databaseUrl,
      '-n',
      stand.namespace,
      '--skip',
      '500',
    ];
    const said = execFileSync(process.execPath, ['--no-warnings', ...command], { encoding: 'utf8' });
    expect(said).toContain('4 documents that may be repeated are claimed');
    expect(said).toMatch(/x12\/US\/THEM.*next control number is 502/);

    expect(await send(dev, 'again-3', 'N-3')).toBe(202);
    expect(await send(dev, 'again-1', 'N-1')).toBe(202);
    const rows = await stand.until((all) => (summary(all)['notices Duplicate'] ?? 0) === 2);
    expect(summary(rows)['notices/sink Delivered']).toBe(4);
    for (const number of ['N-1', 'N-3'])
      expect(stand.ledger.effects.filter(({ body }) => body.number === number)).toHaveLength(1);
    const [next] = await numbersOf('d4');
    expect(next).toBeGreaterThan(Math.max(...used));
  } finally {
    await dev.stop();
    await administer(alone, `drop database if exists ${backup} with (force)`);
  }
});

/** `post` adds /orders to the address. */
const noticesYaml = ({ namespace }: Stand) => `
apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: notice-v1, namespace: ${namespace}}
spec:
  name: notice
  version: 1
  json: {schema: {type: object, required: [number], properties: {number: {type: string}}}}
  keys: [{name: notice, expression: number}]
  revision: {keyExpression: number}
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: notices, namespace: ${namespace}}
spec:
  source: {http: {path: /notices/orders, auth: {apiKey: {secretKeyRef: {name: keys, key: apiKey}}}}, documentTypeRef: {name: notice-v1}}
  destinations:
  - {name: sink, system: {connectorRef: {name: sink}, http: {path: /effects}}}
`;
