/**
 * Who reads a document, by the plan in force: it is published to their queues and no others, and its `Accepted` entry names the
 * integrations, so that an account knows what to wait for.
 */
import { inbox, rowsQueue } from './names.ts';
import type { DocumentTypePlan, IntegrationPlan, Plan, TablePlan } from './plan.ts';

export interface Subscription {
  /** Sorted names. Stopped integrations are not among them: documents pass them by. */
  readonly integrations: readonly string[];
  /** Logical names: inboxes of the integrations, then the queues of live tables, which read along and have no account. */
  readonly queues: readonly string[];
}
/** `type` is the event type (`ship-notice.v1`); `source` the Partner, or the Integration that the document came in by. */
export type Subscribers = (type: string, origin: 'partner' | 'system', source: string) => Subscription;

export function subscribersOf(plan: Plan): Subscribers {
  const byPartner = new Map<string, string[]>();
  const bySystem = new Map<string, string[]>();
  const ownEntry = new Map<string, string>();
  const add = (map: Map<string, string[]>, type: string, name: string) => {
    const names = map.get(type);
    if (!names) map.set(type, [name]);
    else if (!names.includes(name)) names.push(name);
  };
  for (const name of Object.keys(plan.index.integrations).sort()) {
    const integration = plan.parts[plan.index.integrations[name]!.hash] as IntegrationPlan | undefined;
    if (!integration || integration.state === 'Stopped') continue;
    const typeOf = (hash: string): string | undefined => (plan.parts[hash] as DocumentTypePlan | undefined)?.type;
    const { partners, events, documentType } = integration.source;
    for (const hash of partners?.documentTypes ?? []) {
      const type = typeOf(hash);
      if (type !== undefined) add(byPartner, type, name);
    }
    for (const hash of events?.documentTypes ?? []) {
      const type = typeOf(hash);
      if (type !== undefined) add(bySystem, type, name);
    }
    if (!partners && !events && documentType) {
      const type = typeOf(documentType);
      if (type !== undefined) ownEntry.set(name, type);
    }
  }
  const byTable = new Map<string, string[]>();
  for (const name of Object.keys(plan.index.tables ?? {}).sort()) {
    const table = plan.parts[plan.index.tables![name]!.hash] as TablePlan | undefined;
    for (const { type } of table?.live?.events ?? []) add(byTable, type, name);
  }
  const subscription = (type: string, origin: 'partner' | 'system', source: string): Subscription => {
    const names = (origin === 'partner' ? byPartner : bySystem).get(type) ?? [];
    const own = origin === 'system' && ownEntry.get(source) === type;
    const integrations = own ? [...names, source].sort() : [...names];
    return { integrations, queues: [...integrations.map(inbox), ...(byTable.get(type) ?? []).map(rowsQueue)] };
  };
  // Asked for each document, and there are few answers.
  const known = new Map<string, Subscription>();
  return (type, origin, source) => {
    const by = origin === 'partner' || ownEntry.get(source) !== type ? `${origin} ${type}` : `own ${type} ${source}`;
    const found = known.get(by) ?? subscription(type, origin, source);
    known.set(by, found);
    return found;
  };
}
