/** Condition types of `status.conditions` and the legal reasons of each, as data: documentation, tests and writers share it. */
import type { Condition } from './generated/types.ts';

/** A condition before the clock and the generation. */
export interface Verdict {
  type: string;
  status: Condition['status'];
  reason: string;
  message: string;
}
interface Declared {
  /** What the type says when True. */
  meaning: string;
  reasons: Partial<Record<Condition['status'], Record<string, string>>>;
}

export const CONDITIONS = {
  Accepted: {
    meaning: 'The resource is valid by itself: its schema holds and every expression can be parsed.',
    reasons: {
      True: { Accepted: 'Valid.' },
      False: {
        Invalid: 'A field is missing, has the wrong type or an illegal value; the message names it.',
        InvalidExpression:
          'An expression cannot be parsed or uses what is not allowed; the message names field and position.',
        InvalidSchema: 'The JSON Schema of the document type cannot be compiled.',
        InvalidRows: 'The rows of a reference table cannot be read, or two of them have one key.',
        Cycle: 'The resource leads back to itself: what it publishes is what it consumes.',
        Unsupported: 'A combination of fields that this version cannot run; the message says which.',
      },
    },
  },
  ResolvedRefs: {
    meaning: 'Everything that the resource names exists, is permitted, and is accepted itself.',
    reasons: {
      True: { ResolvedRefs: 'All references resolve.' },
      False: {
        RefNotFound: 'A referenced resource does not exist; the message names it and what comes near.',
        RefNotPermitted:
          'The referenced resource is in another namespace and its allowedNamespaces does not admit this one.',
        RefInvalid:
          'A referenced resource exists but is not accepted, or does not fit (a connector without the needed block).',
        SecretNotFound: 'A named Secret does not exist.',
        SecretKeyNotFound: 'A named Secret lacks the key.',
        SecretNotPermitted:
          'A named Secret does not say that it may be used here, or be sent to that host; the message names label and annotation.',
        ConfigMapNotFound: 'A named ConfigMap, or its key, does not exist.',
        FileNotFound: 'A named file does not exist.',
      },
    },
  },
  Programmed: {
    meaning:
      'Topology and plan of the observed generation are applied to the broker, and the effective policies are right.',
    reasons: {
      True: { Programmed: 'Applied and verified.' },
      False: {
        NotAccepted:
          'Not applied, because Accepted or ResolvedRefs is False; a last good plan stays in force where there is one.',
        Conflicted: 'Not applied, because of a conflict with another resource.',
        BrokerNotFound: 'The namespace has no Broker, or the one that is named does not exist.',
        BrokerUnavailable: 'The broker does not answer; what runs keeps running.',
        BrokerRefused: 'The broker refuses our credentials or lacks a permission.',
        BrokerUnsupported: 'The version of the broker is not supported.',
        DatabaseUnavailable: 'PostgreSQL does not answer, and the namespace has no database yet.',
        DatabaseRefused:
          'PostgreSQL does not let the operator make role or schemas of the namespace; the message says what to grant.',
        ForeignPolicy: 'A policy that is not ours changes a protected queue argument; the message names it.',
        TopologyDiffers: 'A queue, exchange or binding is not as declared and could not be mended.',
        Draining: 'An older generation of a queue still holds messages.',
        MappingTestsFailed: 'A test of a mapping failed, so the last good plan stays in force.',
        PlanTooLarge: 'A part of the plan exceeds 1 MiB.',
      },
      Unknown: { Pending: 'Not looked at yet.' },
    },
  },
  Running: {
    meaning: 'Every ready pod of the runtime pool, at least one, confirms the plan of the observed generation.',
    reasons: {
      True: { Running: 'Confirmed by every ready pod.' },
      False: {
        NoRuntime: 'No ready pod.',
        PodCrashLooping: 'No ready pod: one ends again and again; the message has its name, exit code and last words.',
        OOMKilled: 'No ready pod: one was killed because it needed more memory than its limit.',
        ImagePullBackOff: 'No ready pod: the image of one cannot be had; the message says which and why.',
        PodInvalid: 'No ready pod: the container of one cannot be made, as by a Secret that is missing.',
        PodUnschedulable: 'No ready pod: no node takes one; the message has the reasons of the scheduler.',
        PodFailed: 'No ready pod: one was evicted or failed.',
        AutoscalerNotFound: 'RuntimePool only: it is to scale by queue depth, and there is no KEDA.',
        PlanPending: 'Some pods still run an older plan.',
        PlanRejected: 'A pod refuses the plan; the message says why.',
        SourceFailing: 'A source cannot be read: directory, queue, or address.',
        Held: 'A Hold stops it; the message names the Hold and its reason.',
        Paused: '`state: Paused`: it receives and keeps, and delivers nothing.',
        Stopped: '`state: Stopped`: it neither receives nor delivers.',
      },
      Unknown: { Pending: 'No report yet.', RuntimeUnreachable: 'The runtime does not answer.' },
    },
  },
  Tested: {
    meaning: 'Mapping only: its tests ran in the runtime and gave what they expect.',
    reasons: {
      True: { TestsPassed: 'All tests passed.' },
      False: { TestsFailed: 'A test gave something else; the message names it and the difference.' },
      Unknown: { Pending: 'Not run yet.', NoTests: 'The mapping declares no tests.' },
    },
  },
  Degraded: {
    meaning: 'It works, but not as the resource asks, or something that it needs is failing.',
    reasons: {
      True: {
        LastGoodPlan: 'A change is broken, so the plan of an earlier generation stays in force.',
        ConnectorFailing: 'A connector fails; documents wait and are retried.',
        OrderBlocked:
          'With `ordering`: a document that fails keeps the later ones of its key waiting; the message names key, document, cause and since when.',
        DatabaseUnavailable: 'PostgreSQL is away: what declares revisions or draws control numbers waits in its queue.',
        DatabaseRefused:
          'PostgreSQL does not let the operator make role or schemas of the namespace: its pods go on with what they had.',
        PartlyRunning: 'Some pods do not confirm the plan.',
        PodFailing: 'A pod of the pool fails while others work; the message names pod and cause.',
      },
      False: { AsExpected: 'Nothing is known to be wrong.' },
    },
  },
  Conflicted: {
    meaning:
      'Another resource claims the same thing; the message names it. None of them gets it anew until one gives way.',
    reasons: {
      True: {
        IdentifierConflict: 'Another Partner or the Organization has the same identifier.',
        CredentialConflict: 'Another Partner has the same credential.',
        PathConflict: 'Another Integration has the same HTTP path.',
        TypeConflict: 'Another DocumentType has the same name and version.',
        VirtualHostConflict: 'Another Broker, namespace or cluster owns the vhost.',
      },
      False: { NoConflict: 'No other resource claims the same.' },
    },
  },
  Complete: {
    meaning: 'Replay only: it ended, and every document that it selected went through.',
    reasons: {
      True: {
        Completed: 'Every document that was selected was sent, and none failed again.',
        DryRunCompleted: 'What would happen is said; nothing was sent.',
        NothingSelected: 'No document is as the selector says.',
      },
      False: {
        InProgress: 'It selects, sends, or waits for what was sent.',
        AwaitingApproval: 'More is selected than its limit: another person must approve.',
        DocumentsFailed: 'Some documents could not be sent, or failed again; status.failures has some of them.',
        Cancelled: 'It was cancelled; what was sent stays sent.',
        NoTracker: 'The namespace has no tracker, which would carry it out.',
      },
      Unknown: { Pending: 'No tracker has taken it up yet.' },
    },
  },
  Failed: {
    meaning: 'Replay only, and only while it is True: it ended, but not with every document through.',
    reasons: {
      True: { DocumentsFailed: 'Some documents could not be sent, or failed again.', Cancelled: 'It was cancelled.' },
    },
  },
  Ready: {
    meaning:
      'The summary of all others. Its reason, when not True, is that of the first of Accepted, ResolvedRefs, Conflicted, Programmed, Tested, Running that stands against it.',
    reasons: {
      True: { Ready: 'All conditions are as they should be.' },
      Unknown: { Pending: 'Seen for the first time; not looked at yet.' },
    },
  },
  Reconciling: {
    meaning:
      'Only while it is True, with the reason of Ready: not ready yet, but that passes without anybody changing the resource.',
    reasons: {},
  },
  Stalled: {
    meaning: 'Only while it is True, with the reason of Ready: not ready, and somebody has to change something.',
    reasons: {},
  },
} as const satisfies Record<string, Declared>;

export type ConditionType = keyof typeof CONDITIONS;
export const CONDITION_TYPES = Object.keys(CONDITIONS) as ConditionType[];

/** They take the reasons of what Ready summarises. */
const SUMMARIES: readonly string[] = ['Ready', 'Reconciling', 'Stalled'] satisfies ConditionType[];

/** Whether the reason is declared for that type and status. */
export function isLegal(verdict: Pick<Verdict, 'type' | 'status' | 'reason'>): boolean {
  const { type, status, reason } = verdict;
  const declared = (of: string, at: Condition['status']): boolean => {
    const { reasons }: Declared = CONDITIONS[of as ConditionType];
    return Object.hasOwn(reasons[at] ?? {}, reason);
  };
  if (!Object.hasOwn(CONDITIONS, type)) return false;
  if (!SUMMARIES.includes(type)) return declared(type, status);
  if (type === 'Ready' && declared(type, status)) return true;
  // What stands against Ready. The other two are True while it does.
  if ((type === 'Ready') === (status === 'True')) return false;
  const against: Condition['status'][] = type === 'Ready' ? [status] : ['False', 'Unknown'];
  return CONDITION_TYPES.some((other) => {
    if (other === 'Conflicted' || other === 'Degraded') return declared(other, 'True');
    return against.some((at) => declared(other, at));
  });
}

/** Message bound of the schema. */
const MESSAGE_LENGTH = 4096;

/**
 * The list with the verdict in it, in the order of CONDITION_TYPES. The transition time moves only when status, reason or
 * message changes. Returns the same list when nothing at all changes, so a writer can skip the write.
 */
export function setCondition(
  list: readonly Condition[] | undefined,
  verdict: Verdict,
  now: Date | string,
  generation: number,
): Condition[] {
  const before = list?.find((condition) => condition.type === verdict.type);
  const message =
    verdict.message.length > MESSAGE_LENGTH ? `${verdict.message.slice(0, MESSAGE_LENGTH - 1)}…` : verdict.message;
  const same =
    before !== undefined &&
    before.status === verdict.status &&
    before.reason === verdict.reason &&
    before.message === message;
  if (same && before.observedGeneration === generation) return list as Condition[];
  const condition: Condition = {
    type: verdict.type,
    status: verdict.status,
    reason: verdict.reason,
    message,
    observedGeneration: generation,
    lastTransitionTime: same ? before.lastTransitionTime : toTime(now),
  };
  const order = (type: string): number => {
    const at = CONDITION_TYPES.indexOf(type as ConditionType);
    return at < 0 ? CONDITION_TYPES.length : at;
  };
  return [...(list ?? []).filter((other) => other.type !== verdict.type), condition].sort(
    (a, b) => order(a.type) - order(b.type) || (a.type < b.type ? -1 : 1),
  );
}

/** RFC 3339 in whole seconds, as Kubernetes writes it. */
const toTime = (now: Date | string): string =>
  typeof now === 'string' ? now : now.toISOString().replace(/\.\d+Z$/, 'Z');
