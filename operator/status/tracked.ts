/** What trackers say of business processes and their deadlines, as verdicts and figures. Pure. */
import { CONDITIONS, type Verdict } from '../../crds/conditions.ts';
import type { Kind } from '../../crds/generated/types.ts';
import type { TrackedNamespace } from '../../tracker/state.ts';
import type { Translation } from '../translate/translation.ts';
import type { Observation } from './observation.ts';

/** One tracker of a namespace, ready or not. */
export interface Trackers {
  ready: readonly { pod: string; tracked: TrackedNamespace }[];
  known: number;
}

/** Programmed, Running and Degraded of an SLAPolicy. */
export function policyVerdicts(translation: Translation, { trackers, obstacles }: Observation): Verdict[] {
  return [programmed(translation, obstacles), running(translation, trackers), degraded(translation, trackers)];
}

function programmed({ policy, conditions }: Translation, obstacles: Observation['obstacles']): Verdict {
  const type = 'Programmed';
  const refused = conditions.find(({ status }) => status === 'False');
  if (!policy)
    return { type, status: 'False', reason: 'NotAccepted', message: refused?.message ?? 'the resource gives no plan' };
  const obstacle = obstacles.find(({ roots }) => !roots);
  if (obstacle) return { type, status: obstacle.status, reason: obstacle.reason, message: obstacle.message };
  return { type, status: 'True', reason: 'Programmed', message: 'The tracker is told to watch it.' };
}

function running({ name, generation }: Translation, trackers: Trackers | undefined): Verdict {
  const say = (status: Verdict['status'], reason: string, message: string): Verdict => ({
    type: 'Running',
    status,
    reason,
    message,
  });
  const { ready = [], known = 0 } = trackers ?? {};
  if (ready.length === 0)
    return known > 0
      ? say('Unknown', 'RuntimeUnreachable', 'the tracker does not answer')
      : say('False', 'NoRuntime', 'the namespace has no tracker, so nobody notices what is late');
  // One of several has the streams; the others wait.
  const watching = ready.find(({ tracked }) => tracked.policies[name]?.generation === generation);
  if (!watching) {
    const { tracked } = ready[0]!;
    const why =
      tracked.trouble ?? (tracked.policies[name] ? 'it watches an older generation' : 'it does not watch it yet');
    return say('False', 'PlanPending', `${ready[0]!.pod}: ${why}`);
  }
  if (watching.tracked.trouble !== undefined)
    return say('False', 'SourceFailing', `${watching.pod}: ${watching.tracked.trouble}`);
  return say('True', 'Running', `generation ${generation} is watched by ${watching.pod}`);
}

function degraded({ name }: Translation, trackers: Trackers | undefined): Verdict {
  const failing = trackers?.ready.flatMap(({ tracked }) => tracked.policies[name]?.failing ?? [])[0];
  if (failing !== undefined)
    return {
      type: 'Degraded',
      status: 'True',
      reason: 'ConnectorFailing',
      message: `somebody who is to be told does not take it, it is tried again: ${failing}`,
    };
  return {
    type: 'Degraded',
    status: 'False',
    reason: 'AsExpected',
    message: CONDITIONS.Degraded.reasons.False.AsExpected,
  };
}

/** Figures of a status; those that it had, while no tracker answers. */
export function trackedDetails(
  kind: Extract<Kind, 'BusinessProcess' | 'SLAPolicy'>,
  name: string,
  before: object | undefined,
  trackers: Trackers | undefined,
): Record<string, unknown> {
  const fields = kind === 'SLAPolicy' ? ['open', 'warning', 'breached'] : ['open', 'late'];
  const section = kind === 'SLAPolicy' ? 'policies' : 'processes';
  const told = trackers?.ready.flatMap(({ tracked }) => tracked[section][name] ?? [])[0] ?? before;
  return Object.fromEntries(Object.entries(told ?? {}).filter(([field]) => fields.includes(field)));
}
