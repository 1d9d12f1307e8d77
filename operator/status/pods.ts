/** What is wrong with a pod of a pool, from what the kubelet and the scheduler say of it. Pure. */
import type { Pod } from '../kube/types.ts';

/** Of pods of a RuntimePool: its name. The default pool's have none. */
export const POOL_LABEL = 'crossdock.dev/runtime-pool';
export const poolOf = (pod: Pod): string | undefined => pod.metadata.labels?.[POOL_LABEL];

export interface PodTrouble {
  pod: string;
  /** Of which RuntimePool; absent: the default one. */
  pool?: string;
  reason: 'PodCrashLooping' | 'OOMKilled' | 'ImagePullBackOff' | 'PodInvalid' | 'PodUnschedulable' | 'PodFailed';
  message: string;
}
interface Ended {
  reason?: string;
  exitCode?: number;
  message?: string;
}
interface ContainerStatus {
  name: string;
  ready?: boolean;
  restartCount?: number;
  state?: { waiting?: { reason?: string; message?: string }; terminated?: Ended };
  lastState?: { terminated?: Ended };
}
interface Status {
  phase?: string;
  reason?: string;
  message?: string;
  conditions?: { type: string; status: string; reason?: string; message?: string }[];
  containerStatuses?: ContainerStatus[];
}

const PULLING = new Set(['ImagePullBackOff', 'ErrImagePull', 'ErrImageNeverPull', 'InvalidImageName']);
const INVALID = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError']);
/** The log's last lines stand in a termination message; the end of them tells most. */
const LONGEST = 300;

/** Undefined for a pod that is ready, starts for the first time, or ends as it should. */
export function troubleOf(pod: Pod): PodTrouble | undefined {
  const { name, deletionTimestamp } = pod.metadata;
  if (deletionTimestamp) return undefined;
  const { phase, reason, message, conditions = [], containerStatuses = [] } = (pod.status ?? {}) as Status;
  const pool = poolOf(pod);
  const say = (what: PodTrouble['reason'], text: string): PodTrouble => ({
    pod: name,
    ...(pool !== undefined && { pool }),
    reason: what,
    message: `pod ${name}: ${text}`,
  });
  if (phase === 'Failed') return say('PodFailed', [reason ?? 'it failed', message].filter(Boolean).join(': '));
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable')
    return say('PodUnschedulable', `no node takes it: ${scheduled.message ?? 'the scheduler says no more'}`);
  for (const container of containerStatuses) {
    const { waiting, terminated } = container.state ?? {};
    const why = waiting?.reason ?? '';
    if (PULLING.has(why)) return say('ImagePullBackOff', `${why}: ${waiting?.message ?? 'its image cannot be had'}`);
    const ended = terminated ?? container.lastState?.terminated;
    const again = container.restartCount ?? 0;
    // Between two crashes it runs for a moment: that is no recovery.
    const crashes =
      why === 'CrashLoopBackOff' ||
      (terminated !== undefined && again > 0) ||
      (!container.ready && again > 1 && ended !== undefined && ended.exitCode !== 0);
    if (ended?.reason === 'OOMKilled' && !container.ready) return say('OOMKilled', killed(container));
    if (crashes) return say('PodCrashLooping', crashed(container, ended));
    if (INVALID.has(why)) return say('PodInvalid', `${why}: ${waiting?.message ?? 'its container cannot be made'}`);
  }
  return undefined;
}

/** Without counts: a message that changes with each restart would be written to each Integration each time. */
const killed = ({ name }: ContainerStatus): string =>
  `container ${name} needed more memory than its limit and was killed. Raise its memory limit, or give what needs much a RuntimePool of its own`;

function crashed({ name }: ContainerStatus, ended: Ended | undefined): string {
  const said = ended?.message?.trim().slice(-LONGEST);
  const code = ended?.exitCode === undefined ? '' : ` with exit code ${ended.exitCode}`;
  return `container ${name} ends again and again${code}${said ? `; it last said: ${said}` : ''}`;
}
