/** What people are told: many changes of objectives as one message, in words, as JSON, as mail, as alerts of Prometheus. Pure. */
import { sha256Hex } from '../../runtime/canonical.ts';
import type { SlaEvent } from '../plan.ts';

/** A change that somebody is to be told. */
export interface Notice {
  event: SlaEvent;
  process: string;
  key: string;
  objective: string;
  partner: string;
  severity: string;
  /** Epoch ms. */
  dueAt?: number;
  at: number;
}
export type MessageEvent = SlaEvent | 'Reminder';

/** What a webhook gets as JSON. Lists have at most 50 items; counts are of all. */
export interface Message {
  /** The same at each attempt. */
  id: string;
  event: MessageEvent;
  namespace: string;
  policy: string;
  process: string;
  /** The worst. */
  severity: string;
  /** `142 purchase orders of 3 partners are late: ConfirmedInADay`. */
  text: string;
  /** RFC 3339. */
  at: string;
  transactions: number;
  objectives: { name: string; transactions: number }[];
  partners: { name: string; transactions: number }[];
  /** Those due first. `dueAt` in RFC 3339. */
  items: { key: string; partner: string; objective: string; severity: string; dueAt?: string }[];
  /** How many items are left out. */
  more: number;
}

const SHOWN = 50;
const SEVERITIES = ['Info', 'Warning', 'Critical'];

/**
 * What is left to tell of changes in their order: of one objective the last, and nothing of what began and ended while nobody was told.
 * By event.
 */
export function worthTelling(notices: readonly Notice[]): Map<SlaEvent, Notice[]> {
  const left = [
    ...Map.groupBy(notices, ({ process, key, objective }) => JSON.stringify([process, key, objective])).values(),
  ]
    .filter((own) => !(own.at(-1)!.event === 'Recovery' && own.at(0)!.event !== 'Recovery'))
    .map((own) => own.at(-1)!);
  return Map.groupBy(left, ({ event }) => event);
}

export function messageOf(
  about: { namespace: string; policy: string; keyName: string; at: number; salt: string },
  event: MessageEvent,
  notices: readonly Notice[],
): Message {
  const { namespace, policy, keyName, at, salt } = about;
  const sorted = [...notices].sort(
    (a, b) => (a.dueAt ?? Infinity) - (b.dueAt ?? Infinity) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  );
  const transactions = new Set(sorted.map(({ key }) => key)).size;
  const objectives = counted(sorted, ({ objective }) => objective);
  const partners = counted(
    sorted.filter(({ partner }) => partner !== ''),
    ({ partner }) => partner,
  );
  return {
    id: sha256Hex(JSON.stringify([namespace, policy, event, at, salt])).slice(0, 32),
    event,
    namespace,
    policy,
    process: sorted[0]?.process ?? '',
    severity: SEVERITIES[Math.max(0, ...sorted.map(({ severity }) => SEVERITIES.indexOf(severity)))]!,
    text: textOf(event, transactions, keyName, partners, objectives),
    at: new Date(at).toISOString(),
    transactions,
    objectives,
    partners: partners.slice(0, SHOWN),
    items: sorted.slice(0, SHOWN).map(({ key, partner, objective, severity, dueAt }) => ({
      key,
      partner,
      objective,
      severity,
      ...(dueAt !== undefined && { dueAt: new Date(dueAt).toISOString() }),
    })),
    more: Math.max(0, sorted.length - SHOWN),
  };
}

function counted(
  notices: readonly Notice[],
  nameOf: (notice: Notice) => string,
): { name: string; transactions: number }[] {
  return [...Map.groupBy(notices, nameOf)]
    .map(([name, own]) => ({ name, transactions: new Set(own.map(({ key }) => key)).size }))
    .sort((a, b) => b.transactions - a.transactions || (a.name < b.name ? -1 : 1));
}

const SAID: Record<MessageEvent, [one: string, many: string]> = {
  Warning: ['is near its deadline', 'are near their deadline'],
  Breach: ['is late', 'are late'],
  Reminder: ['is still late', 'are still late'],
  Recovery: ['is late no more', 'are late no more'],
};

function textOf(
  event: MessageEvent,
  transactions: number,
  keyName: string,
  partners: Message['partners'],
  objectives: Message['objectives'],
): string {
  const noun = keyName.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  const of =
    partners.length === 0 ? '' : partners.length === 1 ? ` of ${partners[0]!.name}` : ` of ${partners.length} partners`;
  const what = objectives
    .slice(0, 5)
    .map(({ name }) => name)
    .join(', ');
  return `${transactions} ${noun}${transactions === 1 ? '' : 's'}${of} ${SAID[event][transactions === 1 ? 0 : 1]}: ${what}`;
}

export function mailOf(message: Message): { subject: string; text: string } {
  const { event, policy, text, items, more, namespace, partners } = message;
  const width = Math.max(0, ...items.map(({ key }) => key.length));
  const lines = items.map(({ key, partner, objective, dueAt }) =>
    [key.padEnd(width), objective, partner, dueAt && `due ${dueAt.slice(0, 16).replace('T', ' ')} UTC`]
      .filter(Boolean)
      .join('  '),
  );
  return {
    // One line, whatever names hold.
    subject: `[Crossdock] ${event}: ${text}`.replaceAll(/[\r\n]+/g, ' ').slice(0, 200),
    text: [
      `${text}.`,
      '',
      ...(partners.length > 1
        ? [partners.map(({ name, transactions }) => `${name} ${transactions}`).join(', '), '']
        : []),
      ...lines,
      ...(more > 0 ? [`… and ${more} more`] : []),
      '',
      `SLAPolicy ${policy}, namespace ${namespace}. crossdock sla shows what is late now.`,
      '',
    ].join('\n'),
  };
}

/** How many are late (or near it) now, of an objective and a partner. */
export interface Firing {
  objective: string;
  partner: string;
  severity: string;
  event: 'Breach' | 'Warning';
  transactions: number;
  /** Epoch ms. */
  since: number;
  example?: string;
}

/** Alerts of the Alertmanager's API v2; of 0 transactions a resolved one. Labels are bounded by objectives and partners. */
export function alertsOf(
  { namespace, policy, keyName }: { namespace: string; policy: string; keyName: string },
  firing: readonly Firing[],
  now: number,
  lastsMs: number,
): object[] {
  return firing.map(({ objective, partner, severity, event, transactions, since, example }) => ({
    labels: {
      alertname: event === 'Breach' ? 'CrossdockObjectiveBreached' : 'CrossdockObjectiveAtRisk',
      namespace,
      policy,
      objective,
      ...(partner !== '' && { partner }),
      severity: severity.toLowerCase(),
    },
    annotations: {
      summary: textOf(
        transactions === 0 ? 'Recovery' : event,
        transactions,
        keyName,
        partner === '' ? [] : [{ name: partner, transactions }],
        [{ name: objective, transactions }],
      ),
      ...(example !== undefined && { example }),
    },
    startsAt: new Date(Math.min(since, now)).toISOString(),
    endsAt: new Date(transactions === 0 ? now : now + lastsMs).toISOString(),
  }));
}
