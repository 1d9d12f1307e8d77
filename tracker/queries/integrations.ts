/** Integrations, connectors, partners and holds as resources say they are, with what flows through them. Pure. */
import type {
  ConnectorRow,
  Flow,
  FlowState,
  HoldRow,
  IntegrationRow,
  PartnerRow,
  QueueDepth,
  Stage,
} from '../api/contract.ts';
import type { Known } from '../api/surroundings.ts';
import type { ProcessPlan } from '../plan.ts';
import { NONE } from './overview.ts';

interface IntegrationSpec {
  source: {
    http?: { path?: string; auth?: unknown };
    partners?: { documentTypeRefs?: { name: string }[] };
    events?: { documentTypeRefs?: { name: string }[] };
    connector?: { connectorRef?: { name: string } };
    resolutions?: { businessProcessRef?: { name: string } };
    documentTypeRef?: { name: string };
  };
  destinations: { name: string; system?: { connectorRef?: { name: string } }; partner?: object }[];
  state?: string;
}

export const named = (known: readonly Known[], kind: Known['kind']): Known[] =>
  known.filter((one) => one.kind === kind).sort((a, b) => (a.name < b.name ? -1 : 1));

/** From the summary condition, and what stands beside it. */
export function stateOf({ conditions, spec }: Known): { state: FlowState; message?: string } {
  const of = (type: string) => conditions.find((condition) => condition.type === type);
  const [ready, degraded] = [of('Ready'), of('Degraded')];
  const say = (state: FlowState, message = ready?.message) => ({ state, ...(message && { message }) });
  if (spec.state === 'Paused' || spec.state === 'Stopped') return say('Stopped');
  if (ready?.reason === 'Held') return say('Held');
  if (ready?.status === 'False') return say('Failed');
  if (degraded?.status === 'True') return say('Degraded', degraded.message);
  if (ready?.status === 'True') return { state: 'Ready' };
  return say('Unknown');
}

export function flowsOf(
  known: readonly Known[],
  stages: ReadonlyMap<string, Stage>,
  processes: readonly ProcessPlan[],
  now: number,
): Flow[] {
  const holds = named(known, 'Hold').map((hold) => holdOf(hold, now));
  const flows = named(known, 'Integration').map((resource): Flow => {
    const spec = resource.spec as unknown as IntegrationSpec;
    const { source } = spec;
    const refs = source.partners?.documentTypeRefs ?? source.events?.documentTypeRefs ?? [];
    const held = holds.some((hold) => hold.active && holds_(hold, 'Integration', resource.name));
    const judged = stateOf(resource);
    const destinations = (spec.destinations ?? []).map(({ name, system, partner }) => ({
      name,
      to: partner
        ? { kind: 'Partner' as const }
        : { kind: 'System' as const, ...(system?.connectorRef && { name: system.connectorRef.name }) },
      stage: stages.get(`${resource.name}/${name}`) ?? NONE,
    }));
    const inbox = stages.get(resource.name) ?? NONE;
    const impact = impactOf([inbox, ...destinations.map(({ stage }) => stage)], now);
    return {
      integration: resource.name,
      documentTypes: [
        ...new Set([...refs, ...(source.documentTypeRef ? [source.documentTypeRef] : [])].map(({ name }) => name)),
      ],
      source: source.partners
        ? { kind: 'Partners' }
        : source.events
          ? { kind: 'Events' }
          : source.resolutions
            ? {
                kind: 'Resolutions',
                ...(source.resolutions.businessProcessRef && { name: source.resolutions.businessProcessRef.name }),
              }
            : source.http
              ? {
                  kind: 'Http',
                  ...(source.http.path !== undefined && { name: source.http.path }),
                  ...systemOf(source.http.auth, known),
                }
              : {
                  kind: 'Connector',
                  ...(source.connector?.connectorRef && { name: source.connector.connectorRef.name }),
                },
      ...judged,
      ...(held && judged.state !== 'Failed' && { state: 'Held' as const }),
      ...(impact && { impact }),
      inbox,
      destinations,
    };
  });
  return inOrder(flows, processes);
}
/** Who posts there: the system whose Connector takes its key from the same Secret. */
function systemOf(auth: unknown, known: readonly Known[]): { system?: string } {
  const secrets = secretsOf(auth);
  const connector = named(known, 'Connector').find(({ spec }) =>
    secretsOf(spec).some((name) => secrets.includes(name)),
  );
  return connector ? { system: connector.name } : {};
}
function secretsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'secretKeyRef' || name === 'secretRef' ? [(member as { name: string }).name] : secretsOf(member),
  );
}

const holds_ = ({ targetKind, targetName }: HoldRow, kind: HoldRow['targetKind'], name: string): boolean =>
  targetKind === kind && (targetName === '*' || targetName === name);

/** As the milestones come: by the document type or the destination that they name; the rest by name. */
function inOrder(flows: Flow[], processes: readonly ProcessPlan[]): Flow[] {
  const milestones = processes.flatMap((process) => process.milestones);
  const place = ({ integration, documentTypes }: Flow): number => {
    const at = milestones.findIndex(({ document, delivered }) => {
      if (delivered) return delivered.to.split('/')[0] === integration;
      // `ship-notice.v1` of DocumentType ship-notice-v1, by its usual name.
      return document !== undefined && documentTypes.includes(document.type.replace('.', '-'));
    });
    return at < 0 ? milestones.length : at;
  };
  return flows
    .map((flow) => ({ flow, at: place(flow) }))
    .sort((a, b) => a.at - b.at || (a.flow.integration < b.flow.integration ? -1 : 1))
    .map(({ flow }) => flow);
}

function impactOf(stages: readonly Stage[], now: number): string | undefined {
  const waiting = stages.reduce((sum, { failed, parked }) => sum + failed + parked, 0);
  const since = stages.flatMap(({ oldestAt, failed, parked }) =>
    oldestAt && failed + parked > 0 ? [Date.parse(oldestAt)] : [],
  );
  if (waiting === 0) return undefined;
  return `${waiting} ${waiting === 1 ? 'document waits' : 'documents wait'}${since.length > 0 ? `, oldest ${ageOf(now - Math.min(...since))}` : ''}`;
}
export function ageOf(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} d`;
}

export function integrationsOf(
  known: readonly Known[],
  flows: readonly Flow[],
  rates: ReadonlyMap<string, number[]>,
  queues: readonly QueueDepth[],
  now: number,
): IntegrationRow[] {
  const holds = named(known, 'Hold').map((hold) => holdOf(hold, now));
  return flows.map((flow) => {
    const resource = known.find(({ kind, name }) => kind === 'Integration' && name === flow.integration);
    const own = [...rates]
      .filter(([destination]) => destination.startsWith(`${flow.integration}/`))
      .map(([, rate]) => rate);
    return {
      ...flow,
      conditions: resource?.conditions ?? [],
      rate: Array.from({ length: 60 }, (_, minute) => own.reduce((sum, rate) => sum + rate[minute]!, 0)),
      queues: queues.filter(({ name }) => name.startsWith(`${flow.integration}:`)),
      held: holds
        .filter((hold) => hold.active && holds_(hold, 'Integration', flow.integration))
        .map(({ name }) => name),
    };
  });
}

export function connectorsOf(known: readonly Known[], flows: readonly Flow[], now: number): ConnectorRow[] {
  return named(known, 'Connector').map((resource) => {
    const using = flows.filter(
      ({ source, destinations }) =>
        (source.kind === 'Connector' && source.name === resource.name) ||
        destinations.some(({ to }) => to.kind === 'System' && to.name === resource.name),
    );
    const stages = using.flatMap(({ destinations }) =>
      destinations.filter(({ to }) => to.name === resource.name).map(({ stage }) => stage),
    );
    const impact = impactOf(stages, now);
    return {
      name: resource.name,
      kind: KINDS.find((kind) => resource.spec[kind] !== undefined) ?? 'http',
      ...stateOf(resource),
      ...(impact && { impact }),
      usedBy: using.map(({ integration }) => integration),
    };
  });
}
const KINDS = ['http', 'directory', 'amqp', 'sftp', 'as2', 's3', 'kafka', 'sql', 'mail'];

export function holdOf({ name, spec, conditions, createdAt, by }: Known, now: number): HoldRow {
  const {
    targetRef,
    direction = 'Both',
    reason,
    until,
  } = spec as {
    targetRef: { kind: HoldRow['targetKind']; name: string };
    direction?: HoldRow['direction'];
    reason: string;
    until?: string;
  };
  const ready = conditions.find(({ type }) => type === 'Ready');
  const over = until !== undefined && Date.parse(until) <= now;
  return {
    name,
    targetKind: targetRef.kind,
    targetName: targetRef.name,
    direction,
    reason,
    ...(until !== undefined && { until: new Date(until).toISOString() }),
    ...(by !== undefined && { by }),
    ...(createdAt !== undefined && { createdAt }),
    active: !over && ready?.status !== 'False',
    ...(over ? { message: 'its time is over' } : ready?.status === 'False' ? { message: ready.message } : {}),
  };
}

export function partnerOfResource(
  resource: Known,
): Omit<PartnerRow, 'scorecard' | 'onboarding'> & { onboarded: boolean } {
  const { displayName = resource.name, documents = [] } = resource.spec as {
    displayName?: string;
    documents?: { usage?: string }[];
  };
  const usages = new Set(documents.map(({ usage }) => usage).filter(Boolean));
  const usage =
    (resource.spec.usage as string | undefined) ?? (usages.size === 1 && usages.has('Test') ? 'Test' : 'Production');
  return {
    name: resource.name,
    displayName,
    usage: usage === 'Test' ? 'Test' : 'Production',
    onboarded: usage !== 'Test',
    ...stateOf(resource),
  };
}
