import { expect, it } from 'vitest';
import type { RuntimePool } from '../../crds/generated/types.ts';
import type { KubeObject } from '../kube/types.ts';
import { objectsOf } from './pool-objects.ts';

const template: KubeObject[] = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'crossdock-runtime' },
    spec: {
      replicas: 2,
      selector: { matchLabels: {} },
      template: { metadata: { labels: {} }, spec: { containers: [{}] } },
    },
  },
];
const pool = (spec: RuntimePool['spec']): RuntimePool => ({
  apiVersion: 'crossdock.dev/v1alpha1',
  kind: 'RuntimePool',
  metadata: { name: 'heavy', namespace: 'n' },
  spec,
});

it('scales by all queues of its integrations, those in the hands of pods counted in', () => {
  const autoscaling = { minReplicas: 2, maxReplicas: 8, queueDepth: { messagesPerPod: 50 } };
  const objects = objectsOf(pool({ autoscaling }), template, ['receipt', 'order']);
  expect(objects.map(({ kind }) => kind)).toEqual(['Deployment', 'TriggerAuthentication', 'ScaledObject']);
  expect(objects[0]!.spec).not.toHaveProperty('replicas');
  const { triggers, ...rest } = objects[2]!.spec as { triggers: { metadata: Record<string, string> }[] };
  expect(rest).toMatchObject({ minReplicaCount: 2, maxReplicaCount: 8 });
  const { queueName, ...metadata } = triggers[0]!.metadata;
  expect(metadata).toMatchObject({ protocol: 'http', excludeUnacknowledged: 'false', value: '50', operation: 'sum' });
  for (const queue of ['order:inbox', 'order:out:erp', 'receipt:inbox#2'])
    expect(queue).toMatch(new RegExp(queueName!));
  for (const queue of ['order-2:inbox', 'intake', 'reorder:inbox']) expect(queue).not.toMatch(new RegExp(queueName!));
});

it('has no queue to scale by without integrations, and nothing at all without a default pool in the template', () => {
  const spec = { autoscaling: { maxReplicas: 8, queueDepth: { messagesPerPod: 50 } } };
  expect(JSON.stringify(objectsOf(pool(spec), template, []))).toContain('"queueName":"^$"');
  expect(objectsOf(pool(spec), [], ['order'])).toEqual([]);
});
