/**
 * What GitOps tools make of our statuses: Argo CD by the health.lua of gitops/, in a real Lua 5.1, and by its own health_test.yaml; Flux by the
 * real kstatus. The objects carry the conditions that the operator's own code gives.
 */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { setCondition, type Verdict } from '../../crds/conditions.ts';
import { API_VERSION, KINDS } from '../../crds/generated/schemas.ts';
import type { Condition, Kind } from '../../crds/generated/types.ts';
import type { Observation } from '../../operator/status/observation.ts';
import { FIRST_SIGHT, verdictsOf } from '../../operator/status/verdicts.ts';
import type { Translation } from '../../operator/translate/translation.ts';
import { run } from '../../standalone/process.ts';
import type { TrackedNamespace } from '../../tracker/state.ts';
import { obtainKstatus, obtainLua } from './programs.ts';

const FOLDER = join(import.meta.dirname, '../../gitops/argo-cd/crossdock.dev/_');
const HEALTH = readFileSync(join(FOLDER, 'health.lua'), 'utf8');
const log = (line: string) => console.log(line);
let lua: string;
let kstatus: string;

beforeAll(async () => {
  lua = await obtainLua();
  kstatus = await obtainKstatus(log);
});

const literal = (value: unknown): string => {
  if (Array.isArray(value)) return `{${value.map(literal).join(',')}}`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([key, member]) => `[${JSON.stringify(key)}]=${literal(member)}`)
      .join(',')}}`;
  return typeof value === 'string' ? text(value) : String(value);
};
/** Lua knows decimal escapes of bytes only. */
const text = (value: string): string =>
  `"${[...Buffer.from(value)].map((byte) => (byte > 31 && byte < 127 && byte !== 34 && byte !== 92 ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`)).join('')}"`;

async function healthOf(object: object): Promise<{ status: string; message: string }> {
  const script = `obj = ${literal(object)}\nlocal hs = (function()\n${HEALTH}\nend)()\nio.write(hs.status, "\\n", hs.message or "")`;
  const [status = '', ...message] = (await run(lua, ['-'], { input: script })).split('\n');
  return { status, message: message.join('\n') };
}

const accepted = (good: boolean): Verdict[] => [
  good
    ? { type: 'Accepted', status: 'True', reason: 'Accepted', message: '' }
    : { type: 'Accepted', status: 'False', reason: 'InvalidExpression', message: 'spec.expression: }' },
  { type: 'ResolvedRefs', status: 'True', reason: 'ResolvedRefs', message: 'All.' },
];
const translation = (kind: Kind, good = true): Translation => ({
  kind,
  name: 'x',
  generation: 2,
  conditions: accepted(good),
  findings: [],
  ...(kind === 'SLAPolicy' && { policy: { name: 'x', generation: 2, process: 'p', objectives: [], notify: [] } }),
  ...(good && (kind === 'Integration' || kind === 'Partner') && { plan: { hash: 'h', parts: {} } }),
});
type Running = 'Running' | 'Paused' | 'Stopped';
const observation = (state: Running = 'Running', more: Partial<Observation> = {}): Observation => {
  const root = { hash: 'h', generation: 2, state, health: 'Healthy' } as const;
  return {
    namespace: 'n',
    obstacles: [],
    inForce: { 'Integration/x': { hash: 'h', generation: 2 }, 'Partner/x': { hash: 'h', generation: 2 } },
    runtimes: [
      { revision: 1, pod: 'p', index: '', roots: { 'Integration/x': root, 'Partner/x': root } },
      { revision: 1, pod: 'q', pool: 'x', index: '', roots: {} },
    ],
    runtimesKnown: 1,
    mappings: new Map([['Integration/x', ['x']]]),
    holds: [],
    profiles: new Map(),
    broker: { name: 'x', namespace: 'n', version: '4.0.5' },
    trackers: {
      known: 1,
      ready: [
        {
          pod: 't',
          tracked: {
            processes: {},
            replays: {},
            impact: {} as TrackedNamespace['impact'],
            policies: { x: { generation: 2, open: 0, warning: 0, breached: 0 } },
          },
        },
      ],
    },
    pools: new Map([['x', { replicas: 1, integrations: 0 }]]),
    ...more,
  };
};
function objectOf(kind: Kind, verdicts: readonly Verdict[], more: object = {}, observedGeneration = 2): object {
  let conditions: Condition[] = [];
  for (const verdict of verdicts)
    conditions = setCondition(conditions, verdict, '2026-01-01T00:00:00Z', observedGeneration);
  const metadata = { name: 'x', namespace: 'n', generation: 2, ...more };
  return { apiVersion: API_VERSION, kind, metadata, status: { observedGeneration, conditions } };
}
const integration = (seen: Observation, good = true) =>
  objectOf('Integration', verdictsOf(translation('Integration', good), seen));
const hold = { name: 'h', kind: 'Integration', target: 'x', reason: 'ERP is down' };
const broken = { status: 'False' as const, reason: 'BrokerUnavailable', message: 'connection refused' };

const CASES: [string, () => object, string, string][] = [
  [
    'not seen yet',
    () => ({ apiVersion: API_VERSION, kind: 'Integration', metadata: { name: 'x' } }),
    'Progressing',
    'Current',
  ],
  ['seen for the first time', () => objectOf('Integration', FIRST_SIGHT), 'Progressing', 'InProgress'],
  [
    'of an older generation',
    () => objectOf('Integration', verdictsOf(translation('Integration'), observation()), {}, 1),
    'Progressing',
    'InProgress',
  ],
  ['ready', () => integration(observation()), 'Healthy', 'Current'],
  [
    'ready with a pod that fails',
    () => integration(observation('Running', { podTroubles: [{ pod: 'r', reason: 'OOMKilled', message: 'm' }] })),
    'Healthy',
    'Current',
  ],
  ['broken', () => integration(observation(), false), 'Degraded', 'Failed'],
  [
    'a broken Mapping',
    () => objectOf('Mapping', verdictsOf(translation('Mapping', false), observation())),
    'Degraded',
    'Failed',
  ],
  ['held', () => integration(observation('Running', { holds: [hold] })), 'Suspended', 'InProgress'],
  ['paused', () => integration(observation('Paused')), 'Suspended', 'InProgress'],
  ['stopped', () => integration(observation('Stopped')), 'Suspended', 'InProgress'],
  [
    'without its broker',
    () => integration(observation('Running', { obstacles: [broken] })),
    'Progressing',
    'InProgress',
  ],
  [
    'without a runtime',
    () => integration(observation('Running', { runtimes: [], runtimesKnown: 0 })),
    'Progressing',
    'InProgress',
  ],
  [
    'being deleted',
    () =>
      objectOf('Integration', verdictsOf(translation('Integration'), observation()), {
        deletionTimestamp: '2026-01-01T00:00:00Z',
      }),
    'Progressing',
    'Terminating',
  ],
];

describe.each(CASES)('what is %s', (_, object, argo, flux) => {
  it(`is ${argo} to Argo CD and ${flux} to kstatus`, async () => {
    expect((await healthOf(object())).status).toBe(argo);
    expect((await run(kstatus, [], { input: JSON.stringify([object()]) })).trim()).toBe(flux);
  });
});

// A Replay is a task: it is Progressing until it is done.
it.each(KINDS.filter((kind) => kind !== 'Replay'))('a good %s is Healthy and Current', async (kind) => {
  const object = objectOf(kind, verdictsOf(translation(kind), observation()));
  expect(await healthOf(object)).toMatchObject({ status: 'Healthy' });
  expect((await run(kstatus, [], { input: JSON.stringify([object]) })).trim()).toBe('Current');
});

interface HealthTest {
  tests: { healthStatus: { status: string; message: string }; inputPath: string }[];
}
it("agrees with Argo CD's own tests beside it, which use each file of testdata", async () => {
  const { tests } = parse(readFileSync(join(FOLDER, 'health_test.yaml'), 'utf8')) as HealthTest;
  for (const { healthStatus, inputPath } of tests)
    expect(await healthOf(parse(readFileSync(join(FOLDER, inputPath), 'utf8'))), inputPath).toEqual(healthStatus);
  expect(tests.map(({ inputPath }) => inputPath).sort()).toEqual(
    readdirSync(join(FOLDER, 'testdata'))
      .map((file) => `testdata/${file}`)
      .sort(),
  );
  const config = globSync(join(FOLDER, '../../argocd-cm.yaml'))[0]!;
  expect(existsSync(config)).toBe(true);
  const cm = parse(readFileSync(config, 'utf8')) as { data: Record<string, string> };
  const customizations = parse(cm.data['resource.customizations']!) as Record<string, { 'health.lua': string }>;
  expect(customizations['crossdock.dev/*']!['health.lua'].trim()).toBe(HEALTH.trim());
});
