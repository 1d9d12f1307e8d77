/** Events on a real API server: one series for what is said again, no spam. */

import { KubeConfig } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { KubeClient } from '../../operator/kube/client.ts';
import { EventRecorder, type Said } from '../../operator/kube/events.ts';
import { CONFIG_MAPS, EVENTS, type KubeObject } from '../../operator/kube/types.ts';
import { sharedControlPlane } from '../support/control-plane.ts';
import { until } from './poll.ts';

test('the same thing about the same object is one Event with a count, written seldom; an object has a budget', async () => {
  const plane = await sharedControlPlane();
  await using namespace = await plane.testNamespace();
  let calls = 0;
  const load = () => {
    const config = new KubeConfig();
    config.loadFromFile(plane.kubeconfig);
    return config;
  };
  const client = new KubeClient({ load, onCall: () => (calls += 1) });
  const errors: unknown[] = [];
  const recorder = new EventRecorder({
    client,
    instance: 'test',
    seriesMs: 500,
    burst: 5,
    onError: (error) => errors.push(error),
  });
  const object = await client.create<KubeObject>(CONFIG_MAPS, { metadata: { name: 'x', namespace: namespace.name } });
  const said: Said = { type: 'Warning', reason: 'BrokerUnavailable', action: 'Reconcile', note: 'no answer' };
  calls = 0;
  for (let i = 0; i < 1_000; i++) recorder.record(object, said);
  await recorder.flush();
  expect(calls).toBe(1);
  type Event = KubeObject & { series?: { count: number }; note: string; reason: string };
  const events = async () => (await client.list<Event>(EVENTS, { namespace: namespace.name })).items;
  await until('the count', async () => (await events())[0]?.series?.count === 1_000);
  expect(await events()).toHaveLength(1);
  for (let i = 0; i < 100; i++) recorder.record(object, { ...said, note: `another ${i}` });
  await recorder.flush();
  expect(await events()).toHaveLength(5);
  const { stdout } = await plane.kubectl(['-n', namespace.name, 'get', 'events']);
  expect(stdout).toContain('BrokerUnavailable   configmap/x');
  expect(errors).toEqual([]);
  await client.close();
});
