/** A decision that an Integration tells of: what it will read is put together and kept with the act, in one transaction. */
import type pg from 'pg';
import { deriveId } from '../../runtime/canonical.ts';
import { unitId } from '../../runtime/pipeline/letters.ts';
import type { ResolutionInput } from '../../runtime/resolution.ts';
import type { ExceptionAct } from '../acts/contract.ts';
import type { ProcessPlan, Side } from '../plan.ts';
import { choose, type Fact, factsFor } from '../process/facts.ts';
import type { LineState } from '../process/fold.ts';
import { factsOf } from '../process/store.ts';

export interface Decision extends Pick<ExceptionAct, 'process' | 'key' | 'id' | 'by' | 'at'> {
  resolution: string;
  integration: string;
  text: string;
  exception: Omit<ResolutionInput['exception'], 'id' | 'openedAt'> & { openedAt: number };
}

/** Ids of the documents that come of them, in their order: functions of what was decided about which figures. */
export async function recordDecisions(
  client: pg.ClientBase,
  namespace: string,
  plan: ProcessPlan,
  decisions: readonly Decision[],
): Promise<string[]> {
  const keys = [...new Set(decisions.map(({ key }) => key))];
  const facts = await factsOf(client, namespace, plan, keys);
  const { rows } = await client.query<{ key: string; partners: string[]; lines: LineState[] }>(
    `select key, body->'partners' as partners, body->'lines' as lines from transactions
     where namespace = $1 and process = $2 and key = any($3)`,
    [namespace, plan.name, keys],
  );
  const transactions = new Map(rows.map((row) => [row.key, row]));
  const documents: string[] = [];
  for (const decision of decisions) {
    const { key, id: exception, resolution, integration, by, at } = decision;
    const { expected, actual, line } = decision.exception;
    const id = deriveId('resolution', plan.name, key, exception, expected, actual, resolution);
    const document = unitId(id, 0);
    documents.push(document);
    const { partners = [], lines = [] } = transactions.get(key) ?? {};
    const input = inputOf(plan, decision, facts.get(key) ?? [], {
      partners,
      line: lines.find((one) => one.id === line),
    });
    await client.query(
      `insert into resolutions (namespace, id, document, process, key, exception, name, integration, label, at, body)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing`,
      [
        ...[namespace, id, document, plan.name, key, exception, resolution, integration],
        ...[`${resolution} of ${key}${line && ` line ${line}`}, by ${by}`, at, Buffer.from(JSON.stringify(input))],
      ],
    );
  }
  return documents;
}

export function inputOf(
  plan: ProcessPlan,
  { id, key, resolution, by, at, text: reason, exception: { openedAt, ...exception } }: Decision,
  facts: readonly Fact[],
  { partners, line }: { partners: string[]; line: LineState | undefined },
): ResolutionInput {
  const known = choose(factsFor(key, facts))
    .effective.map(({ fact }) => fact)
    .filter(({ keys, body }) => keys.includes(key) && body !== undefined);
  const compare = plan.matches.find(({ name }) => name === exception.match)?.compare ?? {};
  const { quantities: _, ...aboutLine } = line ?? { id: '', ordered: '', quantities: {} };
  return {
    ...{ resolution, by, reason, at: new Date(at).toISOString(), process: plan.name, key, partners },
    exception: { id, ...exception, openedAt: new Date(openedAt).toISOString() },
    ...(line && { line: aboutLine }),
    documents: Object.fromEntries(
      (Object.entries(compare) as [Side, string][]).map(([side, type]) => [
        side,
        known.filter((fact) => fact.type === type).map(({ body }) => body),
      ]),
    ),
  };
}
