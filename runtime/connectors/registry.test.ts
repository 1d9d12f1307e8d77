import { expect, it } from 'vitest';
import type { ConnectorPlan } from '../plan.ts';
import { folderSecrets } from '../secrets.ts';
import { connectorOf, openSink, openSource } from './registry.ts';

const plan = (kind: Partial<ConnectorPlan>): ConnectorPlan => ({
  part: 'connector',
  name: 'x',
  timeoutMs: 1,
  concurrency: 1,
  ...kind,
});
const secrets = folderSecrets();
const folders = { pattern: '*', pollIntervalMs: 1 };

it('finds the connector of a plan', () => {
  expect(connectorOf(plan({ http: { url: 'http://h' } })).name).toBe('http');
  expect(connectorOf(plan({ directory: folders })).name).toBe('directory');
  expect(connectorOf(plan({ amqp: { secretRef: { name: 's' }, queue: 'q' } })).name).toBe('amqp');
});

it('says clearly what cannot be', () => {
  expect(() => connectorOf(plan({}))).toThrow(
    'connector "x" is of a kind that this runtime does not know (it knows http, directory, sftp, amqp)',
  );
  expect(() => openSource(plan({ http: { url: 'http://h' } }), secrets)).toThrow(
    'connector "x" is a http connector, which cannot be a source',
  );
  expect(() => openSource(plan({ directory: folders }), secrets)).toThrow('set spec.directory.inbound');
  expect(() => openSink(plan({ directory: folders }), secrets)).toThrow('set spec.directory.outbound');
  expect(() => openSource(plan({ amqp: { secretRef: { name: 's' } } }), secrets)).toThrow('set spec.amqp.queue');
  expect(() => openSink(plan({ amqp: { secretRef: { name: 's' } } }), secrets)).toThrow(
    'set spec.amqp.exchange or spec.amqp.queue',
  );
});
