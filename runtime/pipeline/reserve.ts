/** The rules of a document together with the rows of live tables that it reserves: nobody changes those between check and reservation. */
import type { Document } from '../document.ts';
import { TableUnavailableError } from '../tables/live.ts';
import { arrivingOf, type Tables } from '../tables/tables.ts';
import { type Checked, checkRules, provisional } from './check.ts';
import type { CompiledType } from './compiled.ts';

/** `Reserved` until the document is accepted or time is up; `Accepted` for good. Throws as checkRules does. */
export async function checkAndReserve(
  tables: Tables,
  type: CompiledType,
  document: Document,
  body: unknown,
  as: 'Reserved' | 'Accepted',
): Promise<Checked> {
  const bindings = document.origin === 'partner' ? { partner: document.source } : {};
  const reserving = tables.reserving(document.type);
  if (reserving.length === 0) return checkRules(type, body, bindings);
  try {
    return await tables.reserve(reserving, arrivingOf(document, body), as, (rows) =>
      checkRules(type, body, bindings, rows),
    );
  } catch (error) {
    if (!(error instanceof TableUnavailableError)) throw error;
    const all = reserving.every(({ folding }) => folding.plan.live!.whenStale === 'AcceptProvisionally');
    if (!error.provisional || !all) throw error;
    // Without a reservation; what the rules can be told without the table, they are told now.
    const { warnings } = await checkRules(type, body, bindings);
    return { warnings: [...warnings, provisional(type, undefined, error)], unchecked: [error.table] };
  }
}
