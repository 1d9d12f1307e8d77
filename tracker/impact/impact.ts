/** Business impact: which transactions wait at an integration or because of a connector, since when, and of whom. */
import type pg from 'pg';
import type { TrackerPlan } from '../plan.ts';
import { impactText, type Waiting } from './words.ts';

/** In words for people; absent where nothing waits. */
export interface ImpactWords {
  integrations: Record<string, string>;
  connectors: Record<string, string>;
}

/** In flight and not tried yet: it is on its way, and counts only after so long. */
const ON_ITS_WAY_MS = 60_000;

export interface Impact {
  integrations: Record<string, Waiting>;
  connectors: Record<string, Waiting>;
}

/** By the index of what is not settled, and the keys and transactions of that alone. */
export async function measureImpact(
  database: pg.Pool,
  namespace: string,
  { processes, connectors = {} }: Pick<TrackerPlan, 'processes' | 'connectors'>,
  now: number = Date.now(),
): Promise<Impact> {
  const keyNames = [...new Set(processes.map(({ keyName }) => keyName))];
  const places = Object.entries(connectors);
  const { rows } = await database.query<{
    integration: string | null;
    connector: string | null;
    transactions: number;
    documents: number;
    partners: number;
    since: number;
    keyName: string | null;
  }>(
    `with waiting as (
       select a.document, split_part(a.destination, '/', 1) as integration, c.connector, d.first_at,
         case when d.origin = 'partner' then d.source end as sender, k.name, k.value
       from accounts a join documents d on d.namespace = a.namespace and d.id = a.document
         left join unnest($4::text[], $5::text[]) c (place, connector) on c.place = a.destination
         left join document_keys k on k.namespace = a.namespace and k.document = a.document and k.name = any($3)
       where a.namespace = $1 and a.state in ('InFlight', 'DeadLettered', 'Parked') and a.outcome <> 'Discarded' and a.destination <> ''
         and (a.state <> 'InFlight' or a.outcome = 'Retrying' or a.at < $2)),
     partners as (
       select w.integration, w.connector, coalesce(p.partner, w.sender) as partner from waiting w
         left join transactions t on t.namespace = $1 and t.key = w.value
         left join lateral jsonb_array_elements_text(t.body->'partners') p (partner) on true)
     select w.integration, w.connector, count(distinct w.value)::int as transactions,
       count(distinct w.document) filter (where w.value is null)::int as documents, min(w.first_at)::float8 as since, min(w.name) as "keyName",
       (select count(distinct partner)::int from partners p where
         (w.integration is null or p.integration = w.integration) and (w.connector is null or p.connector = w.connector)) as partners
     from waiting w group by grouping sets ((w.integration), (w.connector))
     having w.integration is not null or w.connector is not null`,
    [namespace, now - ON_ITS_WAY_MS, keyNames, places.map(([place]) => place), places.map(([, name]) => name)],
  );
  const impact: Impact = { integrations: {}, connectors: {} };
  for (const { integration, connector, since, keyName, ...counts } of rows) {
    const waiting = { ...counts, oldest: Math.max(0, now - since), ...(keyName !== null && { keyName }) };
    if (integration !== null) impact.integrations[integration] = waiting;
    else if (connector !== null) impact.connectors[connector] = waiting;
  }
  return impact;
}

/** In words, for statuses. */
export async function readImpact(database: pg.Pool, namespace: string, plan: TrackerPlan): Promise<ImpactWords> {
  const { integrations, connectors } = await measureImpact(database, namespace, plan);
  return { integrations: inWords(integrations), connectors: inWords(connectors) };
}

const inWords = (all: Record<string, Waiting>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(all).flatMap(([name, waiting]) => {
      const text = impactText(waiting);
      return text ? [[name, text]] : [];
    }),
  );
