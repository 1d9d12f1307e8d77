/** What a pool must have open for what is in force: pure, so that changes are a difference of two sets. */
import type { Credential } from '../../crds/generated/types.ts';
import type { Endpoints } from '../ingress/contract.ts';
import { ACKNOWLEDGMENTS, INTAKE, LANES, ORDERED_PREFETCH } from '../names.ts';
import type { ConnectorPlan } from '../plan.ts';
import type { CompiledDestination } from './compiled.ts';
import type { InForce } from './environment.ts';
import { plainFormOf } from './plain.ts';

export type Work =
  | { stage: 'intake' }
  | { stage: 'table'; table: string }
  | { stage: 'inbox'; integration: string }
  | { stage: 'outbox'; integration: string; destination: string };

/** Prefetch: inboxes take many at a time, outboxes about what their connector may have in the air. */
export interface WantedConsumer {
  queue: string;
  prefetch: number;
  /** Of messages in memory, about. */
  bytes?: number;
  /** The order of its messages counts. */
  inOrder?: boolean;
  work: Work;
}
export interface WantedSource {
  /** `connector/<name>` or `integration/<name>`: who its documents belong to. */
  channel: string;
  connector: ConnectorPlan;
}

const INTAKE_PREFETCH = 500;
/** Of one inbox: what gathers for journal and acks is in hand meanwhile, and with 200 it waited for that ... */
const INBOX_PREFETCH = { most: 500, least: 100 } as const;
/** ... and of all inboxes of a runtime together: each may have a backlog when the broker comes back. */
const INBOXES_PREFETCH = 50_000;
const PARTNER_PREFETCH = 16;
const TABLE_PREFETCH = 500;
/** Whole files and documents of any size: of large ones fewer are taken at a time. */
const MEMORY_BYTES = 64 * 1024 * 1024;

/** Instead of a RuntimePool's name: all of them and the default one, as where there is one process only. */
export const EVERY_POOL = '*';
const isDefault = (pool: string | undefined): boolean => pool === undefined || pool === EVERY_POOL;
const isIn = (pool: string | undefined, wanted: string | undefined): boolean => pool === EVERY_POOL || pool === wanted;

/** `pool` is that of the runtime: the intake, acknowledgments, live tables and the partners' channels are the default pool's (undefined). */
export function wantedConsumers(
  { integrations, tables, holds }: InForce,
  now: number,
  pool?: string,
): Map<string, WantedConsumer> {
  const wanted = new Map<string, WantedConsumer>();
  const add = (queue: string, prefetch: number, work: Work, bytes?: number) =>
    wanted.set(queue, { queue, prefetch, work, ...(bytes && { bytes }) });
  const { most, least } = INBOX_PREFETCH;
  const inboxPrefetch = Math.max(least, Math.min(most, Math.floor(INBOXES_PREFETCH / integrations.size)));
  if (isDefault(pool)) {
    add(INTAKE, INTAKE_PREFETCH, { stage: 'intake' }, MEMORY_BYTES);
    add(ACKNOWLEDGMENTS, PARTNER_PREFETCH, { stage: 'outbox', integration: ACKNOWLEDGMENTS, destination: '' });
  }
  for (const { plan } of isDefault(pool) ? tables.values() : [])
    for (const queue of plan.live?.queues ?? []) add(queue, TABLE_PREFETCH, { stage: 'table', table: plan.name });
  for (const { plan, destinations } of integrations.values()) {
    if (plan.state !== 'Running' || !isIn(pool, plan.pool)) continue;
    const inOrder = plan.ordering !== undefined;
    const addOrdered = (queue: string, prefetch: number, work: Work) =>
      wanted.set(queue, { queue, prefetch, work, inOrder: true });
    for (const queue of inOrder ? oldestOf(plan.queues.inbox, 1) : plan.queues.inbox) {
      const work: Work = { stage: 'inbox', integration: plan.name };
      if (inOrder) addOrdered(queue, ORDERED_PREFETCH.inbox, work);
      else add(queue, inboxPrefetch, work, MEMORY_BYTES);
    }
    if (holds.on('Integration', plan.name, 'Outbound', now)) continue;
    for (const [name, destination] of destinations) {
      const { connector } = destination;
      if (connector && holds.on('Connector', connector.name, 'Outbound', now)) continue;
      const queues = plan.queues.outbox[name] ?? [];
      const work: Work = { stage: 'outbox', integration: plan.name, destination: name };
      if (inOrder) for (const queue of oldestOf(queues, LANES)) addOrdered(queue, ORDERED_PREFETCH.lane, work);
      else for (const queue of queues) add(queue, concurrencyOf(destination), work);
    }
  }
  return wanted;
}

/** Where the order counts, older generations are emptied before the `current` last ones are begun. */
const oldestOf = (queues: readonly string[], current: number): readonly string[] =>
  queues.length > current ? queues.slice(0, -current) : queues;

/** Shipments that may be on their way at a time from one runtime. */
export const concurrencyOf = ({ connector }: Pick<CompiledDestination, 'connector'>): number =>
  connector ? connector.concurrency : PARTNER_PREFETCH;

/** Connectors to read from: the partners' inbound channels and the integrations' own. HTTP is the ingress' matter. */
export function wantedSources(
  { integrations, partners, holds }: InForce,
  now: number,
  pool?: string,
): Map<string, WantedSource> {
  const wanted = new Map<string, WantedSource>();
  for (const { plan, source } of integrations.values()) {
    if (!source.connector || plan.state === 'Stopped' || !isIn(pool, plan.pool)) continue;
    if (holds.on('Integration', plan.name, 'Inbound', now)) continue;
    wanted.set(`integration/${plan.name}`, { channel: `integration/${plan.name}`, connector: source.connector });
  }
  const channels = Map.groupBy(
    isDefault(pool) ? [...partners.values()].filter(({ inbound }) => inbound && !inbound.http) : [],
    ({ inbound }) => inbound!.name,
  );
  for (const [name, sharers] of channels) {
    // A mailbox that partners share stays open while one of them is not held.
    if (sharers.every(({ plan }) => holds.on('Partner', plan.name, 'Inbound', now))) continue;
    wanted.set(`connector/${name}`, { channel: `connector/${name}`, connector: sharers[0]!.inbound! });
  }
  for (const [channel, { connector }] of wanted)
    if (holds.on('Connector', connector.name, 'Inbound', now)) wanted.delete(channel);
  return wanted;
}

export function endpointsOf({ integrations, partners, tables }: InForce): Endpoints {
  const served = [...tables.values()].flatMap(({ plan }) =>
    plan.live?.serve ? [{ table: plan.name, ratePerSecond: plan.live.serve.ratePerSecond }] : [],
  );
  return {
    ...(served.length > 0 && { tables: served }),
    integrations: [...integrations.values()].flatMap(({ plan }) =>
      plan.source.http && plan.state !== 'Stopped' ? [{ integration: plan.name, ...plan.source.http }] : [],
    ),
    partners: [...partners.values()].flatMap(({ plan, terms }) => {
      const documentTypes = terms
        .filter((term) => term.plan.direction === 'Inbound' && plainFormOf(term.plan))
        .map(({ type }) => type.plan.name);
      const credentials: Credential[] = plan.credentials;
      return (documentTypes.length > 0 || served.length > 0) && credentials.length > 0
        ? [{ partner: plan.name, credentials, documentTypes }]
        : [];
    }),
  };
}
