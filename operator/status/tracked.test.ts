import { describe, expect, it } from 'vitest';
import { isLegal } from '../../crds/conditions.ts';
import type { TrackedNamespace } from '../../tracker/state.ts';
import type { Translation } from '../translate/translation.ts';
import type { Observation } from './observation.ts';
import { trackedDetails } from './tracked.ts';
import { verdictsOf } from './verdicts.ts';

const translation: Translation = {
  kind: 'SLAPolicy',
  name: 'response',
  generation: 2,
  conditions: [
    { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'Valid.' },
    { type: 'ResolvedRefs', status: 'True', reason: 'ResolvedRefs', message: 'All references resolve.' },
  ],
  findings: [],
  policy: { name: 'response', generation: 2, process: 'inbound', objectives: [], notify: [] },
};
const tracked = (more: Partial<TrackedNamespace> = {}, generation = 2): TrackedNamespace => ({
  processes: { inbound: { generation: 1, open: 40, late: 3 } },
  replays: {},
  impact: {} as TrackedNamespace['impact'],
  policies: { response: { generation, open: 40, warning: 5, breached: 3 } },
  ...more,
});
const observed = (...ready: TrackedNamespace[]): Observation => ({
  namespace: 'default',
  obstacles: [],
  inForce: {},
  runtimes: [],
  runtimesKnown: 0,
  mappings: new Map(),
  holds: [],
  profiles: new Map(),
  trackers: { known: ready.length, ready: ready.map((one, i) => ({ pod: `tracker-${i}`, tracked: one })) },
});
const ready = (about: Translation, of: Observation) => {
  const verdicts = verdictsOf(about, of);
  for (const verdict of verdicts) expect([verdict, isLegal(verdict)]).toEqual([verdict, true]);
  const { status, reason, message } = verdicts.find(({ type }) => type === 'Ready')!;
  return `${status} ${reason}: ${message}`;
};

describe('an SLAPolicy is Ready when a tracker watches the generation', () => {
  const { policy: _, ...refused } = translation;
  refused.conditions = [{ type: 'Accepted', status: 'False', reason: 'Invalid', message: 'spec: no' }];
  it.each([
    ['watched', translation, observed(tracked()), /^True Ready/],
    ['by one of two', translation, observed(tracked({ policies: {} }), tracked()), /^True Ready/],
    [
      'not yet',
      translation,
      observed(tracked({ policies: {} })),
      /^False PlanPending: tracker-0: it does not watch it yet/,
    ],
    ['an older one', translation, observed(tracked({}, 1)), /^False PlanPending: tracker-0: it watches an older/],
    [
      'in trouble',
      translation,
      observed(tracked({ trouble: 'no broker' })),
      /^False SourceFailing: tracker-0: no broker/,
    ],
    ['nobody', translation, observed(), /^False NoRuntime: the namespace has no tracker/],
    ['silent', translation, { ...observed(), trackers: { known: 1, ready: [] } }, /^Unknown RuntimeUnreachable/],
    ['refused', refused, observed(tracked()), /^False Invalid: spec: no/],
  ] as const)('%s', (_, about, of, expected) => {
    expect(ready(about, of)).toMatch(expected);
  });
  it('is Degraded while somebody does not take what he is told', () => {
    const failing = {
      response: { generation: 2, open: 0, warning: 0, breached: 1, failing: 'operations: the answer was 503' },
    };
    const verdicts = verdictsOf(translation, observed(tracked({ policies: failing })));
    expect(verdicts.find(({ type }) => type === 'Degraded')).toMatchObject({
      status: 'True',
      reason: 'ConnectorFailing',
    });
    expect(verdicts.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'True' });
  });
});

it('figures are those of the tracker, and stay while none answers', () => {
  const { trackers } = observed(tracked());
  expect(trackedDetails('SLAPolicy', 'response', undefined, trackers)).toEqual({ open: 40, warning: 5, breached: 3 });
  expect(trackedDetails('BusinessProcess', 'inbound', { open: 1, late: 1 }, trackers)).toEqual({ open: 40, late: 3 });
  expect(trackedDetails('BusinessProcess', 'inbound', { open: 1, late: 1, conditions: [] }, undefined)).toEqual({
    open: 1,
    late: 1,
  });
  expect(trackedDetails('BusinessProcess', 'other', undefined, trackers)).toEqual({});
});
