/** From a translation and what was observed to the conditions of one resource. Pure; the clock and the writing are elsewhere. */
import { CONDITIONS, type Verdict } from '../../crds/conditions.ts';
import type { Kind } from '../../crds/generated/types.ts';
import type { RootKind, RootState, RuntimeState } from '../../runtime/state.ts';
import type { Translation } from '../translate/translation.ts';
import { isRoot, type Observation, rootKey } from './observation.ts';
import { replayVerdicts } from './replay.ts';
import { policyVerdicts } from './tracked.ts';

/** All conditions of the resource, Ready and the kstatus pair last. A pair member that is not true is absent. */
export function verdictsOf(translation: Translation, observed: Observation): Verdict[] {
  const { kind, name } = translation;
  const verdicts: Verdict[] = [...translation.conditions];
  const live = translation.plan !== undefined || observed.inForce[`ReferenceTable/${name}`] !== undefined;
  if (isRoot(kind, live)) verdicts.push(...rootVerdicts(translation, kind, observed));
  if (kind === 'Broker') verdicts.push(brokerProgrammed(translation, observed));
  if (kind === 'RuntimePool') verdicts.push(poolRunning(name, observed));
  if (kind === 'Mapping') verdicts.push(tested(name, observed));
  if (kind === 'SLAPolicy') verdicts.push(...policyVerdicts(translation, observed));
  if (kind === 'Replay') verdicts.push(...replayVerdicts(translation, observed));
  const ready = summary(kind === 'ReferenceTable' && live ? 'Integration' : kind, verdicts);
  return [...verdicts, ready, ...progress(ready)];
}

/** Ready of a resource that nothing is known about yet. */
export const FIRST_SIGHT: readonly Verdict[] = [
  { type: 'Ready', status: 'Unknown', reason: 'Pending', message: CONDITIONS.Ready.reasons.Unknown.Pending },
  { type: 'Reconciling', status: 'True', reason: 'Pending', message: CONDITIONS.Ready.reasons.Unknown.Pending },
];

function rootVerdicts(translation: Translation, kind: RootKind, observed: Observation): Verdict[] {
  const key = rootKey(kind, translation.name);
  const programmed = rootProgrammed(translation, kind, observed);
  const { pool } = translation;
  const reports = observed.runtimes
    .filter((runtime) => runtime.pool === pool)
    .map((runtime) => ({ pod: runtime.pod, root: runtime.roots[key] }));
  return [programmed, running(translation, kind, observed, reports), degraded(translation, observed, key, reports)];
}

type Report = { pod: string; root: RootState | undefined };

function rootProgrammed(translation: Translation, kind: RootKind, observed: Observation): Verdict {
  const key = rootKey(kind, translation.name);
  const inForce = observed.inForce[key];
  const goesOn =
    inForce && inForce.generation !== translation.generation ? `; generation ${inForce.generation} stays in force` : '';
  const no = (reason: string, message: string): Verdict => ({
    type: 'Programmed',
    status: 'False',
    reason,
    message: message + goesOn,
  });
  const conflict = translation.conditions.find(({ type, status }) => type === 'Conflicted' && status === 'True');
  if (conflict) return no('Conflicted', conflict.message);
  const against = translation.conditions.find(({ status }) => status === 'False' && status !== undefined);
  const refused = translation.conditions.find(
    ({ type, status }) => (type === 'Accepted' || type === 'ResolvedRefs') && status === 'False',
  );
  if (!translation.plan) return no('NotAccepted', (refused ?? against)?.message ?? 'the resource gives no plan');
  const obstacle = observed.obstacles.find(({ roots }) => !roots || roots.includes(key));
  if (obstacle) {
    const { status, reason, message } = obstacle;
    return { type: 'Programmed', status, reason, message: message + goesOn };
  }
  const failed = observed.runtimes.flatMap((runtime) => failedTests(runtime, key, translation.plan?.hash));
  if (failed[0]) return no('MappingTestsFailed', failed[0]);
  return {
    type: 'Programmed',
    status: 'True',
    reason: 'Programmed',
    message: CONDITIONS.Programmed.reasons.True.Programmed,
  };
}

function failedTests(runtime: RuntimeState, key: string, hash: string | undefined): string[] {
  const root = (runtime.roots as Record<string, RootState | undefined>)[key];
  if (!root?.failedTests?.length || (root.rejected ? root.rejected.hash !== hash : root.hash !== hash)) return [];
  return root.failedTests.map(({ mapping, test, message }) => `Mapping ${mapping}, test "${test}": ${message}`);
}

function running(translation: Translation, kind: RootKind, observed: Observation, reports: readonly Report[]): Verdict {
  const say = (status: Verdict['status'], reason: string, message: string): Verdict => ({
    type: 'Running',
    status,
    reason,
    message,
  });
  const entry = observed.inForce[rootKey(kind, translation.name)];
  if (reports.length === 0) {
    const trouble = observed.podTroubles?.find((each) => each.pool === translation.pool);
    if (trouble) return say('False', trouble.reason, `no runtime is ready; ${trouble.message}`);
    return observed.runtimesKnown > 0 && translation.pool === undefined
      ? say('Unknown', 'RuntimeUnreachable', `none of ${observed.runtimesKnown} runtimes answers`)
      : say(
          'False',
          'NoRuntime',
          translation.pool === undefined
            ? 'the namespace has no ready runtime'
            : `RuntimePool ${translation.pool} has no ready pod`,
        );
  }
  const rejected = reports.find(({ root }) => root?.rejected && root.rejected.generation === translation.generation);
  if (rejected?.root) return say('False', 'PlanRejected', `${rejected.pod}: ${rejected.root.rejected!.message}`);
  const confirms = ({ root }: Report): boolean =>
    root !== undefined && root.hash === entry?.hash && root.generation === translation.generation;
  const behind = reports.filter((report) => !confirms(report));
  if (behind.length > 0) {
    const oldest = behind[0]!;
    const runs = oldest.root ? `runs generation ${oldest.root.generation}` : 'does not run it yet';
    return say('False', 'PlanPending', `${behind.length} of ${reports.length} pods: ${oldest.pod} ${runs}`);
  }
  const failing = reports.find(({ root }) => root?.state === 'Failed');
  if (failing) return say('False', 'SourceFailing', `${failing.pod}: ${failing.root?.message ?? 'the source fails'}`);
  const hold = observed.holds.find(
    ({ kind: held, target }) => held === kind && (target === '*' || target === translation.name),
  );
  if (hold) return say('False', 'Held', `Hold ${hold.name}: ${hold.reason}`);
  for (const state of ['Stopped', 'Paused'] as const) {
    if (reports.some(({ root }) => root?.state === state))
      return say('False', state, CONDITIONS.Running.reasons.False[state]);
  }
  const pods = reports.length === 1 ? '1 pod' : `${reports.length} pods`;
  return say('True', 'Running', `generation ${translation.generation} is confirmed by ${pods}`);
}

function degraded(translation: Translation, observed: Observation, key: string, reports: readonly Report[]): Verdict {
  const say = (status: Verdict['status'], reason: string, message: string): Verdict => ({
    type: 'Degraded',
    status,
    reason,
    message,
  });
  const entry = (observed.inForce as Record<string, { generation: number } | undefined>)[key];
  if (!translation.plan && entry) {
    return say(
      'True',
      'LastGoodPlan',
      `the change is broken: the plan of generation ${entry.generation} stays in force`,
    );
  }
  const rejecting = reports.find(({ root }) => root?.rejected);
  if (rejecting?.root) {
    const { generation, rejected } = rejecting.root;
    return say(
      'True',
      'LastGoodPlan',
      `generation ${rejected!.generation} is refused: that of ${generation} stays in force`,
    );
  }
  const ill = reports.find(({ root }) => root?.health === 'Degraded');
  if (ill) return say('True', 'ConnectorFailing', `${ill.pod}: ${ill.root?.message ?? 'a connector fails'}`);
  const blocked = reports.flatMap(({ root }) => root?.blocked ?? []).sort((a, b) => (a.since < b.since ? -1 : 1))[0];
  if (blocked) {
    const { key, document, destination, since, message } = blocked;
    const where = destination ? `at destination ${destination}` : 'before it is routed';
    return say(
      'True',
      'OrderBlocked',
      `document ${document} has kept its key ${JSON.stringify(key)} waiting ${where} since ${since}: ${message}`,
    );
  }
  const trouble = observed.podTroubles?.find((each) => each.pool === translation.pool);
  if (trouble && reports.length > 0)
    return say('True', 'PodFailing', `${trouble.reason}: ${trouble.message}; ${reports.length} other pods work`);
  if (observed.databaseTrouble) return say('True', observed.databaseTrouble.reason, observed.databaseTrouble.message);
  const confirming = reports.filter(({ root }) => root?.generation === translation.generation).length;
  if (confirming > 0 && confirming < reports.length)
    return say(
      'True',
      'PartlyRunning',
      `${confirming} of ${reports.length} pods confirm generation ${translation.generation}`,
    );
  return say('False', 'AsExpected', CONDITIONS.Degraded.reasons.False.AsExpected);
}

function poolRunning(name: string, observed: Observation): Verdict {
  const say = (status: Verdict['status'], reason: string, message: string): Verdict => ({
    type: 'Running',
    status,
    reason,
    message,
  });
  const { replicas = 0, problem } = observed.pools?.get(name) ?? {};
  if (problem) return say('False', 'AutoscalerNotFound', problem);
  const answering = observed.runtimes.filter(({ pool }) => pool === name).length;
  const trouble = observed.podTroubles?.find(({ pool }) => pool === name);
  if (trouble) return say('False', trouble.reason, trouble.message);
  if (answering === 0) return say('False', 'NoRuntime', `no pod of ${replicas} is ready`);
  return say('True', 'Running', answering === 1 ? '1 pod is ready' : `${answering} pods are ready`);
}

function brokerProgrammed(translation: Translation, { broker, namespace }: Observation): Verdict {
  if (broker?.name !== translation.name || broker.namespace !== namespace) {
    const message = 'no resource of this namespace uses this Broker';
    return { type: 'Programmed', status: 'Unknown', reason: 'Pending', message };
  }
  if (broker.problem) return { type: 'Programmed', ...broker.problem };
  const where = broker.virtualHost === undefined ? '' : `; virtual host ${broker.virtualHost}`;
  const message = `RabbitMQ ${broker.version} answers${where}; credentials of Secret ${broker.credentials}`;
  return { type: 'Programmed', status: 'True', reason: 'Programmed', message };
}

function tested(mapping: string, observed: Observation): Verdict {
  const say = (status: Verdict['status'], reason: string, message: string): Verdict => ({
    type: 'Tested',
    status,
    reason,
    message,
  });
  for (const { roots } of observed.runtimes) {
    for (const { failedTests: failed } of Object.values(roots)) {
      const test = failed?.find((each) => each.mapping === mapping);
      if (test) return say('False', 'TestsFailed', `test "${test.test}": ${test.message}`);
    }
  }
  for (const [key, mappings] of observed.mappings) {
    if (!mappings.includes(mapping)) continue;
    const entry = observed.inForce[key];
    if (observed.runtimes.some(({ roots }) => entry && roots[key]?.hash === entry.hash))
      return say('True', 'TestsPassed', CONDITIONS.Tested.reasons.True.TestsPassed);
  }
  return say('Unknown', 'Pending', CONDITIONS.Tested.reasons.Unknown.Pending);
}

/** Which conditions must be True, and which may not be against it, for Ready. */
const NEEDS: Partial<Record<Kind, readonly string[]>> = {
  Broker: ['Accepted', 'ResolvedRefs', 'Programmed'],
  Integration: ['Accepted', 'ResolvedRefs', 'Programmed', 'Running'],
  Partner: ['Accepted', 'ResolvedRefs', 'Programmed', 'Running'],
  SLAPolicy: ['Accepted', 'ResolvedRefs', 'Programmed', 'Running'],
  RuntimePool: ['Accepted', 'ResolvedRefs', 'Running'],
  Replay: ['Accepted', 'ResolvedRefs', 'Complete'],
};

function summary(kind: Kind, verdicts: readonly Verdict[]): Verdict {
  const order = ['Accepted', 'ResolvedRefs', 'Conflicted', 'Programmed', 'Tested', 'Running', 'Complete'];
  const needs = NEEDS[kind] ?? ['Accepted', 'ResolvedRefs'];
  const found = order.flatMap((type) => verdicts.find((verdict) => verdict.type === type) ?? []);
  const against = found.find(({ type, status }) => status === (type === 'Conflicted' ? 'True' : 'False'));
  const degraded = verdicts.find(({ reason }) => reason === 'LastGoodPlan');
  const and = degraded ? `; ${degraded.message}` : '';
  if (against) return { type: 'Ready', status: 'False', reason: against.reason, message: `${against.message}${and}` };
  const unknown = found.find(({ type, status }) => needs.includes(type) && status === 'Unknown');
  if (unknown) return { type: 'Ready', status: 'Unknown', reason: unknown.reason, message: unknown.message };
  return { type: 'Ready', status: 'True', reason: 'Ready', message: CONDITIONS.Ready.reasons.True.Ready };
}

/** Reasons that pass without anybody changing the resource, or that somebody chose. */
const TRANSIENT = new Set([
  'Pending',
  'PlanPending',
  'BrokerUnavailable',
  'DatabaseUnavailable',
  'NoRuntime',
  'RuntimeUnreachable',
  'Draining',
  'SourceFailing',
  'PodCrashLooping',
  'OOMKilled',
  'ImagePullBackOff',
  'PodUnschedulable',
  'PodFailed',
  'InProgress',
  'AwaitingApproval',
  'NoTracker',
]);
const CHOSEN = new Set(['Paused', 'Stopped', 'Held', 'Cancelled']);

function progress(ready: Verdict): Verdict[] {
  if (ready.status === 'True' || CHOSEN.has(ready.reason)) return [];
  const type = TRANSIENT.has(ready.reason) ? 'Reconciling' : 'Stalled';
  return [{ ...ready, type, status: 'True' }];
}
