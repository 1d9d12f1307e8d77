/** Invariants of conditions: known types, legal reasons, one Ready that follows from the others, no secret, no clock. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CONDITIONS, isLegal, type Verdict } from '../../crds/conditions.ts';
import type { Kind } from '../../crds/generated/types.ts';
import type { RootState, RuntimeState } from '../../runtime/state.ts';
import type { Translation } from '../translate/translation.ts';
import type { Observation } from './observation.ts';
import { verdictsOf } from './verdicts.ts';

const HASH = 'a'.repeat(32);
const accepted: Verdict[] = [
  { type: 'Accepted', status: 'True', reason: 'Accepted', message: '' },
  { type: 'ResolvedRefs', status: 'True', reason: 'ResolvedRefs', message: '' },
  { type: 'Conflicted', status: 'False', reason: 'NoConflict', message: '' },
];
const refused: Verdict[] = [
  { type: 'Accepted', status: 'False', reason: 'Invalid', message: 'spec.source: missing' },
  ...accepted.slice(1),
];
const translation = (kind: Kind, generation: number, good: boolean): Translation => ({
  kind,
  name: 'x',
  generation,
  conditions: good ? accepted : refused,
  findings: [],
  ...(good && (kind === 'Integration' || kind === 'Partner') && { plan: { hash: HASH, parts: {} } }),
});
const observation = (some: Partial<Observation> = {}): Observation => ({
  namespace: 'n',
  obstacles: [],
  inForce: { 'Integration/x': { hash: HASH, generation: 2 }, 'Partner/x': { hash: HASH, generation: 2 } },
  runtimes: [],
  runtimesKnown: 0,
  mappings: new Map(),
  holds: [],
  profiles: new Map(),
  ...some,
});
const running: RootState = { hash: HASH, generation: 2, state: 'Running', health: 'Healthy' };
const runtime = (pod: string, root?: RootState): RuntimeState => ({
  revision: 1,
  pod,
  index: '',
  roots: root ? { 'Integration/x': root } : {},
});
const of = (verdicts: Verdict[], type: string): Verdict | undefined =>
  verdicts.find((verdict) => verdict.type === type);
const judge = (some: Partial<Observation>, good = true) =>
  verdictsOf(translation('Integration', 2, good), observation(some));

test('a pod that fails is the cause where none is ready, and a blemish where others work', () => {
  const podTroubles = [{ pod: 'p', reason: 'OOMKilled' as const, message: 'pod p: killed' }];
  expect(of(judge({ podTroubles, runtimesKnown: 1 }), 'Ready')).toMatchObject({ status: 'False', reason: 'OOMKilled' });
  expect(of(judge({ podTroubles }), 'Reconciling')?.message).toContain('pod p: killed');
  const others = judge({ podTroubles, runtimes: [runtime('1', running)] });
  expect(of(others, 'Ready')).toMatchObject({ status: 'True' });
  expect(of(others, 'Degraded')).toMatchObject({ status: 'True', reason: 'PodFailing' });
});

test('Ready needs every ready pod, at least one, to confirm this generation', () => {
  expect(of(judge({}), 'Ready')).toMatchObject({ status: 'False', reason: 'NoRuntime' });
  expect(of(judge({ runtimesKnown: 2 }), 'Ready')).toMatchObject({ status: 'Unknown', reason: 'RuntimeUnreachable' });
  expect(of(judge({ runtimes: [runtime('1', running)] }), 'Ready')).toMatchObject({ status: 'True' });
  const both = judge({ runtimes: [runtime('1', running), runtime('2', { ...running, generation: 1 })] });
  expect(of(both, 'Running')).toMatchObject({ status: 'False', reason: 'PlanPending' });
  expect(of(both, 'Degraded')).toMatchObject({ status: 'True', reason: 'PartlyRunning' });
  expect(of(judge({ runtimes: [runtime('1', running), runtime('2')] }), 'Ready')).toMatchObject({ status: 'False' });
});

test('a last good plan is not Ready: it says what is broken and which generation is in force', () => {
  const inForce = { 'Integration/x': { hash: HASH, generation: 1 } };
  const verdicts = judge({ inForce, runtimes: [runtime('1', { ...running, generation: 1 })] }, false);
  expect(of(verdicts, 'Ready')).toMatchObject({ status: 'False', reason: 'Invalid' });
  expect(of(verdicts, 'Ready')!.message).toBe(
    'spec.source: missing; the change is broken: the plan of generation 1 stays in force',
  );
  expect(of(verdicts, 'Degraded')).toMatchObject({ status: 'True', reason: 'LastGoodPlan' });
  expect(of(verdicts, 'Running')).toMatchObject({ status: 'False', reason: 'PlanPending' });
  expect(of(verdicts, 'Stalled')).toMatchObject({ status: 'True' });
});

test('paused, stopped and held are neither progress nor a fault', () => {
  for (const state of ['Paused', 'Stopped'] as const) {
    const verdicts = judge({ runtimes: [runtime('1', { ...running, state })] });
    expect(of(verdicts, 'Ready')).toMatchObject({ status: 'False', reason: state });
    expect([of(verdicts, 'Stalled'), of(verdicts, 'Reconciling')]).toEqual([undefined, undefined]);
  }
  const hold = { name: 'h', kind: 'Integration', target: '*', reason: 'month end' };
  expect(of(judge({ runtimes: [runtime('1', running)], holds: [hold] }), 'Running')).toMatchObject({
    reason: 'Held',
    message: 'Hold h: month end',
  });
});

test('for whatever is observed: legal reasons, one of each type, Ready follows from the others, kstatus pair only while true', () => {
  const root = fc.record({
    hash: fc.constantFrom(HASH, 'b'.repeat(32)),
    generation: fc.constantFrom(1, 2),
    state: fc.constantFrom('Running', 'Paused', 'Stopped', 'Failed'),
    health: fc.constantFrom('Healthy', 'Degraded'),
    ...{ rejected: fc.option(fc.constant({ hash: HASH, generation: 2, message: 'no' }), { nil: undefined }) },
    failedTests: fc.option(fc.constant([{ mapping: 'x', test: 't', message: 'm' }]), { nil: undefined }),
  }) as fc.Arbitrary<RootState>;
  const pods = fc.array(
    fc.option(root, { nil: undefined }).map((state) => runtime('p', state)),
    { maxLength: 3 },
  );
  const obstacle = fc
    .constantFrom(...Object.keys(CONDITIONS.Programmed.reasons.False))
    .map((reason) => ({ status: 'False' as const, reason, message: 'm' }));
  const kinds = fc.constantFrom<Kind>(
    'Broker',
    'Connector',
    'DocumentType',
    'Hold',
    'Integration',
    'Mapping',
    'Organization',
    'Partner',
  );
  fc.assert(
    fc.property(
      kinds,
      fc.boolean(),
      pods,
      fc.array(obstacle, { maxLength: 2 }),
      fc.nat(3),
      (kind, good, runtimes, obstacles, runtimesKnown) => {
        const observed = observation({
          runtimes,
          obstacles,
          runtimesKnown,
          ...(obstacles[0] && { broker: { name: 'x', namespace: 'n', problem: obstacles[0] } }),
        });
        const verdicts = verdictsOf(translation(kind, 2, good), observed);
        expect(new Set(verdicts.map(({ type }) => type)).size).toBe(verdicts.length);
        const own = verdicts.filter(({ type }) => type !== 'Reconciling' && type !== 'Stalled');
        for (const verdict of own) expect(isLegal(verdict), JSON.stringify(verdict)).toBe(true);
        const ready = of(verdicts, 'Ready')!;
        const against = own.filter(
          ({ type, status }) => !['Ready', 'Degraded', 'Conflicted'].includes(type) && status === 'False',
        );
        expect(ready.status === 'False').toBe(against.length > 0);
        if (ready.status === 'True') expect(of(verdicts, 'Stalled') ?? of(verdicts, 'Reconciling')).toBeUndefined();
        expect(of(verdicts, 'Stalled') && of(verdicts, 'Reconciling')).toBeUndefined();
        expect(verdictsOf(translation(kind, 2, good), observed)).toEqual(verdicts);
      },
    ),
    { numRuns: 500 },
  );
});
