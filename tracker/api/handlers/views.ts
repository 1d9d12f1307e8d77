/** Saved views of the console's pages. */
import type { Handlers } from '../call.ts';
import type { View } from '../contract.ts';
import { ApiError, notFound } from '../problem.ts';

const MAX_VIEWS = 100;
const COLUMNS = 'name, page, query, shared, owner';

export const views: Pick<Handlers, 'GET /views' | 'PUT /views/{name}' | 'DELETE /views/{name}'> = {
  async 'GET /views'({ scope, who }) {
    // What staff share is not for partners.
    const { rows } = await scope.database.query<Omit<View, 'own'>>(
      `select ${COLUMNS} from views where namespace = $1 and (owner = $2 or shared and $3) order by owner <> $2, name, owner`,
      [scope.namespace, who.user, scope.partner === undefined],
    );
    return { items: rows.map((row) => ({ ...row, own: row.owner === who.user })) };
  },
  async 'PUT /views/{name}'({ scope, params, body, who }) {
    const { page, query, shared = false } = body;
    if (shared && !who.roles.includes('Operator')) throw new ApiError(403, 'sharing a view needs the role Operator');
    if (JSON.stringify(query).length > 8_000) throw new ApiError(422, 'the query of the view is too long');
    const { rows } = await scope.database.query<{ count: number }>(
      'select count(*)::int as count from views where namespace = $1 and owner = $2 and name <> $3',
      [scope.namespace, who.user, params.name],
    );
    if (rows[0]!.count >= MAX_VIEWS) throw new ApiError(422, `there are ${MAX_VIEWS} views already: remove one`);
    await scope.database.query(
      `insert into views (namespace, owner, name, page, query, shared) values ($1, $2, $3, $4, $5, $6)
       on conflict (namespace, owner, name) do update set page = excluded.page, query = excluded.query, shared = excluded.shared`,
      [scope.namespace, who.user, params.name, page, JSON.stringify(query), shared],
    );
    return { name: params.name!, page, query, shared, owner: who.user, own: true };
  },
  async 'DELETE /views/{name}'({ scope, params, who }) {
    const { rowCount } = await scope.database.query(
      'delete from views where namespace = $1 and owner = $2 and name = $3',
      [scope.namespace, who.user, params.name],
    );
    if (rowCount === 0) throw notFound(`a view ${params.name} of yours`);
    return null;
  },
};
