import { expect, it } from 'vitest';
import type { Pod } from '../kube/types.ts';
import { troubleOf } from './pods.ts';

const pod = (status: object, more: object = {}): Pod =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', ...more }, status }) as unknown as Pod;
const container = (status: object): Pod =>
  pod({ phase: 'Running', containerStatuses: [{ name: 'runtime', ready: false, restartCount: 3, ...status }] });
const waits = (reason: string, lastState: object = {}) =>
  container({ state: { waiting: { reason, message: 'm' } }, lastState });

it.each([
  ['OOMKilled', waits('CrashLoopBackOff', { terminated: { reason: 'OOMKilled', exitCode: 137 } }), 'memory'],
  ['OOMKilled', container({ state: { running: {} }, lastState: { terminated: { reason: 'OOMKilled' } } }), 'memory'],
  [
    'PodCrashLooping',
    waits('CrashLoopBackOff', { terminated: { exitCode: 1, message: 'no such host' } }),
    'no such host',
  ],
  ['PodCrashLooping', container({ state: { terminated: { exitCode: 2 } } }), 'exit code 2'],
  ['PodCrashLooping', container({ state: { running: {} }, lastState: { terminated: { exitCode: 3 } } }), 'exit code 3'],
  ['ImagePullBackOff', waits('ErrImageNeverPull'), 'ErrImageNeverPull: m'],
  ['PodInvalid', waits('CreateContainerConfigError'), 'CreateContainerConfigError: m'],
  ['PodFailed', pod({ phase: 'Failed', reason: 'Evicted', message: 'disk' }), 'Evicted: disk'],
  [
    'PodUnschedulable',
    pod({
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1' }],
    }),
    '0/1',
  ],
])('tells %s', (reason, from, text) => {
  expect(troubleOf(from)).toMatchObject({ pod: 'p', reason, message: expect.stringContaining(text) });
});

it.each([
  [
    'ready again after it was killed',
    {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'runtime',
          ready: true,
          restartCount: 1,
          state: { running: {} },
          lastState: { terminated: { reason: 'OOMKilled' } },
        },
      ],
    },
  ],
  [
    'being made',
    { phase: 'Pending', containerStatuses: [{ name: 'runtime', state: { waiting: { reason: 'ContainerCreating' } } }] },
  ],
  [
    'starting',
    {
      phase: 'Running',
      containerStatuses: [{ name: 'runtime', ready: false, restartCount: 0, state: { running: {} } }],
    },
  ],
])('says nothing of a pod that is %s', (_, status) => expect(troubleOf(pod(status))).toBeUndefined());

it('says nothing of a pod that is told to go, and bounds what a container says', () => {
  expect(troubleOf(pod({ phase: 'Failed' }, { deletionTimestamp: '2026-01-01T00:00:00Z' }))).toBeUndefined();
  const long = troubleOf(waits('CrashLoopBackOff', { terminated: { message: `${'x'.repeat(5_000)}end` } }))!;
  expect(long.message.length).toBeLessThan(500);
  expect(long.message).toContain('xend');
});
