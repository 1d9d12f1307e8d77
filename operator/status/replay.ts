/** What trackers say of Replays, as verdicts and figures, and of what waits. Pure. */
import { CONDITIONS, type Verdict } from '../../crds/conditions.ts';
import type { Connector, Integration, Replay } from '../../crds/generated/types.ts';
import type { ReplayReport } from '../../tracker/replay/report.ts';
import type { Translation } from '../translate/translation.ts';
import type { Observation } from './observation.ts';
import type { Trackers } from './tracked.ts';

/** Of this very object: another of the same name has another UID. What it names may be gone, and then it has no translation. */
export const reportOf = (
  { name, replay }: Pick<Translation, 'name' | 'replay'>,
  trackers: Trackers | undefined,
): ReplayReport | undefined =>
  trackers?.ready
    .flatMap(({ tracked }) => tracked.replays[name] ?? [])
    .find(({ uid }) => replay === undefined || replay.uid === uid);

/** Complete, and Failed while it is True. */
export function replayVerdicts(translation: Translation, { trackers }: Observation): Verdict[] {
  const report = reportOf(translation, trackers);
  const complete = (status: Verdict['status'], reason: string, message: string): Verdict => ({
    type: 'Complete',
    status,
    reason,
    message,
  });
  if (!report) {
    if (!trackers || trackers.known === 0)
      return [complete('False', 'NoTracker', CONDITIONS.Complete.reasons.False.NoTracker)];
    return [complete('Unknown', 'Pending', CONDITIONS.Complete.reasons.Unknown.Pending)];
  }
  const { state, mode, selected, message } = report;
  const failed = (reason: 'DocumentsFailed' | 'Cancelled'): Verdict[] => [
    complete('False', reason, message),
    { type: 'Failed', status: 'True', reason, message },
  ];
  switch (state) {
    case 'Succeeded':
      if (selected === 0) return [complete('True', 'NothingSelected', message)];
      return [complete('True', mode === 'DryRun' ? 'DryRunCompleted' : 'Completed', message)];
    case 'Failed':
      return failed('DocumentsFailed');
    case 'Cancelled':
      return failed('Cancelled');
    case 'AwaitingApproval':
      return [complete('False', 'AwaitingApproval', message)];
    default:
      return [complete('False', 'InProgress', message || CONDITIONS.Complete.reasons.False.InProgress)];
  }
}

/** What it had stays while no tracker answers. */
export function replayDetails({ metadata, status, spec }: Replay, trackers: Trackers | undefined) {
  const { name, uid } = metadata;
  const report = trackers?.ready
    .flatMap(({ tracked }) => tracked.replays[name] ?? [])
    .find((one) => uid === undefined || one.uid === uid);
  const mode = spec.mode ?? 'DryRun';
  if (!report) {
    const { conditions: _, observedGeneration: __, ...before } = status ?? {};
    return { ...before, mode };
  }
  const { selected, done, failed, startedAt, finishedAt, failures } = report;
  return {
    ...{ mode, selected, done, failed },
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
    ...(failures.length > 0 && { failures }),
  };
}

/** A Replay that ended says so though no tracker answers now. */
export const hasEnded = ({ status }: Replay): boolean => status?.finishedAt !== undefined;

/** What waits because of it; what was said stays while no tracker answers. */
export function impactOf({ kind, metadata, status }: Integration | Connector, trackers: Trackers | undefined) {
  const section = kind === 'Integration' ? 'integrations' : 'connectors';
  const [tracker] = trackers?.ready ?? [];
  const impact = tracker ? tracker.tracked.impact[section][metadata.name] : status?.impact;
  return impact === undefined ? {} : { impact };
}
