/** `GET /tables/<name>` and `GET /tables/<name>/<key>`: what a request asks, how often a partner may ask, and the answer. */
import type { IncomingMessage } from 'node:http';
import type { Ask, Asked } from './contract.ts';
import { Refusal, retryAfter } from './problem.ts';

const TABLES = '/tables/';
const MAX_ROWS = 500;
const DEFAULT_ROWS = 100;

/** Name and key parts of a path; undefined where it is no such path. A key that is not well encoded is nobody's. */
export function tablePath(path: string): { table: string; key: string[] } | undefined {
  if (!path.startsWith(TABLES)) return undefined;
  const [table = '', ...parts] = path.slice(TABLES.length).split('/');
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(table)) return undefined;
  try {
    return { table, key: parts.map(decodeURIComponent) };
  } catch {
    return undefined;
  }
}

/** Throws a Refusal for a query that cannot be meant. */
export function askedOf(request: IncomingMessage, partner: string, table: string, key: string[]): Asked {
  const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '');
  for (const name of query.keys())
    if (key.length > 0 || (name !== 'after' && name !== 'limit'))
      throw new Refusal(
        400,
        'bad-request',
        `the query parameter ${name.slice(0, 40)} is not known; after and limit page through a list`,
      );
  const limit = Number(query.get('limit') ?? DEFAULT_ROWS);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_ROWS)
    throw new Refusal(400, 'bad-request', `limit must be a whole number from 1 to ${MAX_ROWS}`);
  return { partner, table, key, after: query.get('after') ?? '', limit };
}

/** What is signed where there is no body. */
export const signedGet = (request: IncomingMessage): Buffer => Buffer.from(`GET ${request.url ?? ''}`);

/** A bucket per partner and table: full, it holds a second's worth. */
export class Rates {
  readonly #buckets = new Map<string, { left: number; at: number }>();

  /** Throws a Refusal (429) when the partner asked too often. */
  take(table: string, partner: string, ratePerSecond: number, now = performance.now()): void {
    const id = `${table}\n${partner}`;
    const bucket = this.#buckets.get(id) ?? { left: ratePerSecond, at: now };
    const left = Math.min(ratePerSecond, bucket.left + ((now - bucket.at) / 1_000) * ratePerSecond);
    if (left < 1) {
      const detail = `at most ${ratePerSecond} requests a second to this table; ask less often, or page through the list`;
      throw new Refusal(429, 'too-many-requests', detail, { headers: retryAfter(1_000) });
    }
    this.#buckets.set(id, { left: left - 1, at: now });
  }
}

/** The JSON of the answer. Throws a Refusal. A row of somebody else is not there: nobody learns which keys exist. */
export async function lookUp(ask: Ask, asked: Asked): Promise<unknown> {
  const answer = await ask(asked);
  if ('rows' in answer) {
    const next =
      answer.next === undefined
        ? {}
        : {
            next: `${TABLES}${asked.table}?${new URLSearchParams({ after: answer.next, limit: String(asked.limit) })}`,
          };
    return { rows: answer.rows, ...next };
  }
  if ('row' in answer) return answer.row;
  if ('unavailable' in answer)
    throw new Refusal(503, 'unavailable', 'the table cannot be asked now; ask again', { headers: retryAfter(2_000) });
  throw new Refusal(404, 'not-found', answer.notFound);
}
