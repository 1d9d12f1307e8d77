/** What partners may ask of live tables: their own rows, and of those the columns that are shown. */
import type { Ask } from '../ingress/contract.ts';
import type { Row } from '../mapping/lookups.ts';
import { PENDING, withRows } from '../mapping/lookups.ts';
import type { ServePlan } from '../plan.ts';
import { StoreUnavailableError } from '../store/store.ts';
import type { Environment } from './environment.ts';

export function answering({ inForce, tables }: Environment): Ask {
  return async ({ partner, table: name, key, after, limit }) => {
    const table = tables.get(name);
    const serve = table?.folding.plan.live?.serve;
    const own = inForce().partners.get(partner)?.plan;
    if (!table || !serve || !own) return { notFound: 'no table of this name is shown' };
    const owners = ownersOf(serve, own);
    const shown = (row: Row) =>
      Object.fromEntries(serve.fields.flatMap((field) => (Object.hasOwn(row, field) ? [[field, row[field]]] : [])));
    try {
      if (key.length === 0) {
        const rows = await tables.list(name, owners, after, limit + 1);
        const page = rows.slice(0, limit);
        return {
          rows: page.map(({ row }) => shown(row)),
          ...(rows.length > limit && { next: page.at(-1)!.key }),
        };
      }
      if (key.length !== table.key.length)
        return { notFound: `a row has the path /tables/${name}/${table.key.map((column) => `<${column}>`).join('/')}` };
      const row = await withRows(() => table.get(key));
      const theirs =
        row !== undefined && row !== PENDING && (!owners || owners.includes(String(row[serve.owner!.column])));
      return theirs ? { row: shown(row) } : { notFound: 'there is no such row' };
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      return { unavailable: true };
    }
  };
}

/** What the owner's column holds for the partner; undefined: every row is for everyone. */
function ownersOf(
  { owner }: ServePlan,
  {
    name,
    identifiers,
  }: { name: string; identifiers: { scheme: string; qualifier?: string; system?: string; value: string }[] },
): string[] | undefined {
  if (!owner) return undefined;
  const { identifier: wanted } = owner;
  if (!wanted) return [name];
  return identifiers
    .filter(
      ({ scheme, qualifier, system }) =>
        scheme === wanted.scheme &&
        (wanted.qualifier === undefined || qualifier === wanted.qualifier) &&
        (wanted.system === undefined || system === wanted.system),
    )
    .map(({ value }) => value);
}
