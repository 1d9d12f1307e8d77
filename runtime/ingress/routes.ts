/** Where a request goes. Built as a whole from Endpoints, replaced as a whole. */
import type { Secrets } from '../connectors/connector.ts';
import { type Authenticate, integrationAuth, partnerAuth } from './auth.ts';
import type { Endpoints } from './contract.ts';
import { tablePath } from './lookups.ts';
import { Refusal } from './problem.ts';

export interface Route {
  /** Metrics label; bounded by what is declared. */
  endpoint: string;
  origin: 'partner' | 'system';
  documentType?: string;
  /** A table that may be asked, with GET. */
  lookup?: { table: string; key: string[]; ratePerSecond: number };
  authenticate: Authenticate;
  /** Throws a Refusal (403) where the caller is known and may not. */
  permit(caller: string): void;
}

const DOCUMENTS = '/documents/';

/** `match` takes the path without the query. Undefined: nothing is here. */
export function routesOf(endpoints: Endpoints, secrets: Secrets, onTrouble: (message: string) => void) {
  const authenticate = partnerAuth(endpoints.partners, secrets, onTrouble);
  const types = new Map(endpoints.partners.map(({ partner, documentTypes }) => [partner, new Set(documentTypes)]));
  const integrations = new Map<string, Route>();
  for (const { integration, path, auth } of endpoints.integrations) {
    integrations.set(path, {
      endpoint: `integration/${integration}`,
      origin: 'system',
      authenticate: integrationAuth(integration, auth, secrets, onTrouble),
      permit() {},
    });
  }
  const partnerRoute = (documentType: string): Route => ({
    endpoint: 'documents',
    origin: 'partner',
    documentType,
    authenticate,
    permit(partner) {
      if (types.get(partner)?.has(documentType)) return;
      throw new Refusal(
        403,
        'access-denied',
        'documents of this type are not agreed with you; ask for them to be added to your terms',
      );
    },
  });
  const served = new Map((endpoints.tables ?? []).map(({ table, ratePerSecond }) => [table, ratePerSecond]));
  const tableRoute = (path: string): Route | undefined => {
    const asked = tablePath(path);
    const ratePerSecond = asked && served.get(asked.table);
    if (ratePerSecond === undefined) return undefined;
    const lookup = { ...asked!, ratePerSecond };
    return { endpoint: `tables/${lookup.table}`, origin: 'partner', lookup, authenticate, permit() {} };
  };
  return {
    match(path: string): Route | undefined {
      const table = tableRoute(path);
      if (table) return table;
      if (!path.startsWith(DOCUMENTS)) return integrations.get(path);
      const name = path.slice(DOCUMENTS.length);
      // Resource names are DNS labels: nothing else can name a document type.
      return /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name) ? partnerRoute(name) : undefined;
    },
  };
}
export type Routes = ReturnType<typeof routesOf>;
