import { expect, test } from 'vitest';
import { canonicalJson } from '../../runtime/canonical.ts';
import type { ConnectorPlan, IntegrationPlan, Part, PlanIndex } from '../../runtime/plan.ts';
import { hashOf } from '../translate/parts.ts';
import type { Translation } from '../translate/translation.ts';
import { nextPlan, oversizedRoots } from './last-good.ts';

const connector = (name: string): ConnectorPlan => ({ part: 'connector', name, timeoutMs: 1, concurrency: 1 });
function root(name: string, generation: number, connectorName = 'erp'): Translation {
  const needed = connector(connectorName);
  const plan = {
    part: 'integration',
    name,
    source: {},
    destinations: [{ name: 'erp', system: { connector: hashOf(needed) }, outcomes: [] }],
  } as unknown as IntegrationPlan;
  const parts: Record<string, Part> = { [hashOf(plan)]: plan, [hashOf(needed)]: needed };
  return { kind: 'Integration', name, generation, conditions: [], findings: [], plan: { hash: hashOf(plan), parts } };
}
const broken = (name: string, generation: number): Translation => ({
  kind: 'Integration',
  name,
  generation,
  conditions: [],
  findings: [],
});
function translated(...translations: Translation[]) {
  const good = translations.filter(({ plan }) => plan);
  const index: PlanIndex = {
    namespace: 'n',
    integrations: Object.fromEntries(
      good.map(({ name, generation, plan }) => [name, { hash: plan!.hash, generation }]),
    ),
    partners: {},
    holds: [],
    organization: { identifiers: [] },
  };
  return {
    translations,
    index,
    parts: Object.assign({}, ...good.map(({ plan }) => plan!.parts)) as Record<string, Part>,
  };
}
const inForce = (...translations: Translation[]) => {
  const plan = nextPlan(translated(...translations), undefined);
  return { index: plan.index, texts: plan.texts };
};

test('a broken root keeps its entry of before with every part that it needs; the others move on', () => {
  const before = inForce(root('a', 1), root('b', 1));
  const next = nextPlan(translated(broken('a', 2), root('b', 2, 'other')), before);
  expect(next.kept).toEqual(['Integration/a']);
  expect(next.index.integrations.a).toEqual(before.index.integrations.a);
  expect(next.index.integrations.b?.generation).toBe(2);
  const a = root('a', 1);
  expect([...next.texts.keys()]).toEqual(expect.arrayContaining(Object.keys(a.plan!.parts)));
  expect(next.texts.get(hashOf(connector('erp')))).toBe(canonicalJson(connector('erp')));
});

test('a root whose resource is gone has no entry, and its parts are not needed', () => {
  const next = nextPlan(translated(root('b', 1, 'other')), inForce(root('a', 1), root('b', 1, 'other')));
  expect(Object.keys(next.index.integrations)).toEqual(['b']);
  expect(next.texts.size).toBe(2);
  expect(next.kept).toEqual([]);
});

test('a root that was never good, or whose last good part is lost, has none', () => {
  expect(nextPlan(translated(broken('a', 1)), undefined).index.integrations).toEqual({});
  const { index } = inForce(root('a', 1));
  expect(nextPlan(translated(broken('a', 2)), { index, texts: new Map() }).index.integrations).toEqual({});
});

test('a plan with too long a part keeps the last good one', () => {
  const long = root('a', 2, 'x'.repeat(5_000));
  const oversized = oversizedRoots(translated(long, root('b', 1)), 1_000);
  expect([...oversized]).toEqual(['Integration/a']);
  expect(nextPlan(translated(long), inForce(root('a', 1)), oversized).index.integrations.a?.generation).toBe(1);
});

test('names of users are only names', () => {
  const before = inForce(root('constructor', 1));
  expect(nextPlan(translated(broken('toString', 1), broken('constructor', 2)), before).kept).toEqual([
    'Integration/constructor',
  ]);
});
