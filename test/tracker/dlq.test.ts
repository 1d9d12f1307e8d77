/** Dead letters by the command line: seen, mended, replayed, discarded; nothing is gone when the command is killed. */
import { spawn } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyTopology } from '../../operator/apply/rabbitmq/apply.ts';
import { managementClient } from '../../operator/apply/rabbitmq/client.ts';
import { vhostOf } from '../../operator/apply/rabbitmq/namespace.ts';
import { baseTopology, mergeTopologies, outboxQueue } from '../../operator/apply/rabbitmq/topology.ts';
import { connectBroker } from '../../runtime/broker/amqp.ts';
import { DocumentError } from '../../runtime/errors.ts';
import { DEAD_LETTERS, outbox } from '../../runtime/names.ts';
import { deadLetter, shipmentMessage } from '../../runtime/pipeline/messages.ts';
import { readTimeline } from '../../tracker/accounts.ts';
import { LetterBox } from '../../tracker/letters/box.ts';
import { type DevProcess, makeStand, post, type Stand, startDevProcess, summary } from '../standalone/support.ts';
import { testVhost } from '../support/broker.ts';
import { log, until } from './support.ts';

/** The command's exit code and output; `json` of it when asked. */
async function dlq(uri: string, ...args: string[]): Promise<{ code: number; out: string; json: () => never }> {
  const child = spawn(process.execPath, ['--no-warnings', 'cli/main.ts', 'dlq', ...args, '--broker', uri], {
    env: { ...process.env, NO_COLOR: '1', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => {
      out += chunk;
    });
  const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? -1)));
  return { code, out, json: () => JSON.parse(out) as never };
}

describe('in a running namespace', () => {
  let stand: Stand;
  let dev: DevProcess;
  let uri: string;
  beforeAll(async () => {
    stand = await makeStand();
    mkdirSync(`${stand.inbound}-strict`);
    stand.write('strict.yaml', strictYaml(stand, '$error("broken")'));
    dev = await startDevProcess(stand);
    const url = new URL(stand.brokerUri);
    url.pathname = `/${encodeURIComponent(vhostOf(stand.namespace))}`;
    uri = url.href;
  });
  afterAll(async () => {
    await dev?.stop();
    await stand?.[Symbol.asyncDispose]();
  });
  const reloaded = async (file: string, text: string) => {
    const before = dev.lines.length;
    stand.write(file, text);
    await dev.line((line) => line.reloaded === true && dev.lines.indexOf(line) >= before);
  };
  const states = async () => summary(await stand.accounts());

  it('an interchange whose mapping was broken goes through once the mapping is mended', async () => {
    writeFileSync(`${stand.inbound}-strict/.new`, JSON.stringify({ number: 'F-1' }));
    renameSync(`${stand.inbound}-strict/.new`, `${stand.inbound}-strict/in.json`);
    await stand.until((rows) => summary(rows)['intake DeadLettered'] === 1);
    const { groups, letters } = (await dlq(uri, 'list', '-o', 'json')).json() as {
      groups: { class: string; place: string; count: number }[];
      letters: { id: string; only: number[]; label: string }[];
    };
    expect(groups).toMatchObject([{ class: 'MappingFailed', place: 'intake', count: 1 }]);
    expect(letters).toMatchObject([{ only: [0], label: 'in.json' }]);
    const { id } = letters[0]!;
    const shown = await dlq(uri, 'show', id);
    expect(shown.out).toMatch(/MappingFailed/);
    expect(shown.out).toContain('"number": "F-1"');

    // Nothing was mended: it comes back, in a higher epoch, and is one letter again.
    expect((await dlq(uri, 'replay', id, '--reason', 'try')).out).toMatch(/^1 replayed, 0 failed, 0 left/);
    await until('the letter is back', async () => {
      const rows = await readTimeline(stand.database, stand.namespace, (await stand.accounts())[0]!.document);
      return rows.entries.filter(({ outcome }) => outcome === 'DeadLettered').length === 2;
    });
    expect(await states()).toEqual({ 'intake DeadLettered': 1 });

    await reloaded('strict.yaml', strictYaml(stand, 'number'));
    const replay = await dlq(uri, 'replay', '--class', 'MappingFailed', '--reason', 'mapping mended', '--by', 'kim');
    expect(replay).toMatchObject({ code: 0, out: expect.stringMatching(/^1 replayed, 0 failed, 0 left/) });
    const rows = await stand.until((all) => summary(all)['strict/sink Delivered'] === 1);
    expect(summary(rows)).toEqual({ 'strict/sink Delivered': 1 });
    expect(stand.ledger.effects.map(({ body }) => body)).toEqual([{ number: 'F-1' }]);
    const { entries } = await readTimeline(stand.database, stand.namespace, 'F-1');
    expect(entries.find(({ by }) => by === 'kim')).toMatchObject({ outcome: 'Replayed', reason: 'mapping mended' });
    expect((await dlq(uri, 'list')).out).toBe('No letters in dead-letters.\n');
  });

  it('what a destination refused is delivered after a replay, with the key that the refusal left', async () => {
    stand.ledger.effects.length = 0;
    const keys: string[] = [];
    stand.ledger.answer = ({ key }, response) => {
      keys.push(key);
      response.writeHead(422, { 'content-type': 'application/json' }).end('{"why": "no"}');
      return true;
    };
    for (const no of ['R-1', 'R-2', 'R-3']) expect(await post(() => dev.http, no)).toBe(202);
    await stand.until((rows) => summary(rows)['orders/sink DeadLettered'] === 3);
    const listed = await dlq(uri, 'list', '--integration', 'orders');
    expect(listed.out).toMatch(/ {4}3 {2}BusinessRejected http\.422 {2}at orders\/sink/);
    expect(Math.max(...listed.out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
    stand.ledger.answer = () => false;
    const { letters } = (await dlq(uri, 'list', '-o', 'json')).json() as {
      letters: { id: string; keys: { order: string[] } }[];
    };
    const idOf = (no: string) => letters.find(({ keys: { order } }) => order[0] === no)!.id;
    expect((await dlq(uri, 'replay', idOf('R-1'), idOf('R-2'), '--reason', 'ok now')).out).toMatch(
      /^2 replayed.*1 left/,
    );
    await stand.until((rows) => summary(rows)['orders/sink Delivered'] === 2);
    expect((await dlq(uri, 'discard', idOf('R-3'), '--reason', 'cancelled by phone')).out).toMatch(/^1 discarded/);
    await until('discarded in the journal', async () => {
      const { entries } = await readTimeline(stand.database, stand.namespace, 'R-3');
      return entries.at(-1)?.outcome === 'Discarded';
    });
    expect(await states()).toMatchObject({ 'orders/sink Delivered': 2, 'orders/sink DeadLettered': 1 });
    expect(stand.ledger.effects.map(({ body }) => body.number).sort()).toEqual(['R-1', 'R-2']);
    // A 422 is definite: the key was freed, and each effect has a key of its own.
    expect(stand.ledger.effects.filter(({ key }) => keys.includes(key))).toEqual([]);
    expect((await dlq(uri, 'replay', idOf('R-3'), '--reason', 'x')).code).toBe(1);
  });
});

/** `strict` maps what it reads with the given expression for `number`. */
const strictYaml = ({ namespace, inbound }: Stand, expression: string) => `
apiVersion: crossdock.dev/v1alpha1
kind: Connector
metadata: {name: tray, namespace: ${namespace}}
spec: {directory: {inbound: "${inbound}-strict", pollInterval: 200ms}}
---
apiVersion: crossdock.dev/v1alpha1
kind: Mapping
metadata: {name: strict, namespace: ${namespace}}
spec:
  from: {documentTypeRef: {name: order-v1}}
  to: {documentTypeRef: {name: order-v1}}
  expression: '{"number": ${expression}}'
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: strict, namespace: ${namespace}}
spec:
  source: {connector: {connectorRef: {name: tray}}, mappingRef: {name: strict}, documentTypeRef: {name: order-v1}}
  destinations:
  - {name: sink, system: {connectorRef: {name: sink}, http: {path: /effects}}}
`;

describe('on the broker alone', () => {
  const N = 400;
  const ids = Array.from({ length: N }, (_, n) => `document-${String(n).padStart(3, '0')}`);

  it('killed while it replays: each letter is still there or in its outbox, and doing it again is right', async () => {
    await using vhost = await testVhost();
    const management = managementClient({ uri: vhost.managementUri });
    const { queue, bindings } = outboxQueue('orders', 'sink');
    const topology = mergeTopologies(baseTopology(), { exchanges: [], queues: [queue], bindings: [...bindings] });
    await applyTopology(management, vhost.vhost, topology, { owner: 'test' });
    const broker = await connectBroker({ uri: vhost.uri, name: 'test', log });
    await Promise.all(ids.map((id) => broker.publish(letterOf(id))));
    await broker.publish({
      exchange: DEAD_LETTERS,
      routingKey: 'x',
      body: Buffer.from('?'),
      contentType: 'text/plain',
    });

    const args = ['cli/main.ts', 'dlq', 'replay', '--all', '--reason', 'x', '--broker', vhost.uri];
    const child = spawn(process.execPath, ['--no-warnings', ...args], { stdio: 'ignore' });
    const gone = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    let some = false;
    const consumer = await broker.consume({
      queue: outbox('orders', 'sink'),
      prefetch: 30,
      onDelivery: () => {
        some = true;
      },
    });
    await until('some replayed', () => some);
    child.kill('SIGKILL');
    expect(await gone).toBe('SIGKILL');
    await consumer.stop(0);

    const left = async (name: string) => {
      const found: string[] = [];
      const box = await LetterBox.open({ uri: vhost.uri }, name as never);
      for await (const { letter } of box.letters()) found.push(letter.document);
      await box.close();
      return found;
    };
    let dead: string[] = [];
    await until('the broker has noticed', async () => {
      dead = await left(DEAD_LETTERS);
      return new Set([...dead, ...(await left(outbox('orders', 'sink')))]).size === N + 1;
    });
    expect(dead.length, 'killed in the middle').toBeGreaterThan(1);

    const again = await dlq(vhost.uri, 'replay', '--all', '--reason', 'again');
    expect(again.code, 'one letter is none of ours').toBe(1);
    expect(again.out).toMatch(new RegExp(`${dead.length - 1} replayed, 1 failed`));
    expect(new Set(await left(outbox('orders', 'sink')))).toEqual(new Set(ids));
    expect(await left(DEAD_LETTERS)).toHaveLength(1);
    await broker.close();
    await management.close();
  });

  const letterOf = (id: string) => {
    const document = {
      id,
      type: 'order.v1',
      origin: 'partner' as const,
      source: 'acme',
      receivedAt: 1,
      keys: {},
      bodyHash: '',
      epoch: 0,
      contentType: 'application/json',
      body: Buffer.from('{}'),
    };
    const {
      headers = {},
      body,
      contentType,
    } = shipmentMessage({
      document,
      integration: 'orders',
      destination: 'sink',
      attempt: 1,
      keyRevision: 0,
      payload: document.body,
      target: {},
    });
    const error = new DocumentError({ class: 'DeliveryFailed', code: 'http.422', message: 'no' });
    return deadLetter(
      { headers, body, contentType, messageId: id },
      { stage: 'outbox', returnTo: outbox('orders', 'sink'), error, integration: 'orders', destination: 'sink', at: 1 },
    );
  };
});
