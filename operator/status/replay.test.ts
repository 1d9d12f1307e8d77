import { expect, test } from 'vitest';
import { isLegal } from '../../crds/conditions.ts';
import type { Replay } from '../../crds/generated/types.ts';
import type { ReplayReport } from '../../tracker/replay/report.ts';
import type { Translation } from '../translate/translation.ts';
import type { Observation } from './observation.ts';
import { impactOf, replayDetails } from './replay.ts';
import { verdictsOf } from './verdicts.ts';

const translation: Translation = {
  ...{ kind: 'Replay', name: 'again', generation: 1, findings: [] },
  conditions: ['Accepted', 'ResolvedRefs'].map((type) => ({ type, status: 'True', reason: type, message: '' })),
  replay: {
    ...{ name: 'again', uid: 'u1', approvals: [], cancelled: false },
    spec: { reason: 'why', requestedBy: 'kim', mode: 'Run', selector: { keys: ['PO-1'] } },
  },
};
const report = (more: Partial<ReplayReport>): ReplayReport => ({
  ...{ uid: 'u1', mode: 'Run', state: 'Running', message: 'm', selected: 2, done: 0, failed: 0, failures: [] },
  ...more,
});
const observed = (replay?: ReplayReport, impact: Record<string, string> = {}, known = 1): Observation => ({
  ...{ namespace: 'n', obstacles: [], inForce: {}, runtimes: [], runtimesKnown: 0, mappings: new Map(), holds: [] },
  profiles: new Map(),
  trackers: {
    known,
    ready: known
      ? [
          {
            pod: 'p',
            tracked: {
              ...{ processes: {}, policies: {}, replays: replay ? { again: replay } : {} },
              impact: { integrations: impact, connectors: {} },
            },
          },
        ]
      : [],
  },
});
const said = (observation: Observation) => {
  const verdicts = verdictsOf(translation, observation);
  for (const verdict of verdicts) expect(isLegal(verdict), JSON.stringify(verdict)).toBe(true);
  return Object.fromEntries(
    verdicts.flatMap(({ type, status, reason }) =>
      translation.conditions.some((one) => one.type === type) ? [] : [[type, `${status} ${reason}`]],
    ),
  );
};

test.each<[string, ReplayReport | undefined, Record<string, string>]>([
  ['not taken up', undefined, { Complete: 'Unknown Pending', Ready: 'Unknown Pending', Reconciling: 'True Pending' }],
  [
    'of another object',
    report({ uid: 'u0', state: 'Succeeded' }),
    { Complete: 'Unknown Pending', Ready: 'Unknown Pending', Reconciling: 'True Pending' },
  ],
  ['running', report({}), { Complete: 'False InProgress', Ready: 'False InProgress', Reconciling: 'True InProgress' }],
  [
    'waiting',
    report({ state: 'AwaitingApproval' }),
    { Complete: 'False AwaitingApproval', Ready: 'False AwaitingApproval', Reconciling: 'True AwaitingApproval' },
  ],
  ['done', report({ state: 'Succeeded', done: 2 }), { Complete: 'True Completed', Ready: 'True Ready' }],
  ['tried', report({ state: 'Succeeded', mode: 'DryRun' }), { Complete: 'True DryRunCompleted', Ready: 'True Ready' }],
  [
    'about nothing',
    report({ state: 'Succeeded', selected: 0 }),
    { Complete: 'True NothingSelected', Ready: 'True Ready' },
  ],
  [
    'failed',
    report({ state: 'Failed', failed: 1 }),
    {
      Complete: 'False DocumentsFailed',
      Failed: 'True DocumentsFailed',
      Ready: 'False DocumentsFailed',
      Stalled: 'True DocumentsFailed',
    },
  ],
  [
    'cancelled',
    report({ state: 'Cancelled' }),
    { Complete: 'False Cancelled', Failed: 'True Cancelled', Ready: 'False Cancelled' },
  ],
])('%s', (_, one, expected) => {
  expect(said(observed(one))).toEqual(expected);
});
test('without a tracker it says what is missing', () => {
  expect(said(observed(undefined, {}, 0))).toMatchObject({
    Complete: 'False NoTracker',
    Reconciling: 'True NoTracker',
  });
});

test('what was told stays while no tracker answers', () => {
  const resource = {
    metadata: { name: 'again', uid: 'u1' },
    spec: { mode: 'Run' },
    status: { selected: 2, done: 2, conditions: [] },
  } as unknown as Replay;
  expect(replayDetails(resource, observed(undefined, {}, 0).trackers)).toEqual({ mode: 'Run', selected: 2, done: 2 });
  expect(replayDetails(resource, observed(report({ done: 1 })).trackers)).toEqual({
    mode: 'Run',
    selected: 2,
    done: 1,
    failed: 0,
  });
  const integration = { kind: 'Integration', metadata: { name: 'a' }, status: { impact: '3 orders wait' } } as never;
  expect(impactOf(integration, observed(undefined, {}, 0).trackers)).toEqual({ impact: '3 orders wait' });
  expect(impactOf(integration, observed(undefined, { a: '4 orders wait' }).trackers)).toEqual({
    impact: '4 orders wait',
  });
  expect(impactOf(integration, observed().trackers)).toEqual({});
});
