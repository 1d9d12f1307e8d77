/**
 * Which integrations get a document: the same answer as the bindings on DOCUMENTS give, without asking the broker. `Accepted`
 * entries of the journal name them, so that an account knows what to wait for.
 */
import type { DocumentTypePlan, IntegrationPlan, Plan } from './plan.ts';

export type Subscribers = (type: string, origin: 'partner' | 'system', source: string) => string[];

/**
 * Sorted names. `type` is the event type (`ship-notice.v1`); `source` the Partner, or the Integration that the document came in
 * by. Stopped integrations have no bindings and are not among them.
 */
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
  return (type, origin, source) => {
    const names = (origin === 'partner' ? byPartner : bySystem).get(type) ?? [];
    if (origin === 'partner' || ownEntry.get(source) !== type) return [...names];
    return [...names, source].sort();
  };
}
