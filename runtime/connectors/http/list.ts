/** Reads a list of objects by GET: a JSON array, or NDJSON, over as many pages as `Link: rel="next"` leads to. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Agent, request as send } from 'undici';
import type { ConnectorPlan } from '../../plan.ts';
import type { Secrets } from '../connector.ts';
import { deadline, deliveryFailed } from '../failure.ts';
import { flatHeaders, readCapped } from './answer.ts';
import { reach } from './reach.ts';
import { authOf, failure } from './sink.ts';
import { baseUrl, joinUrl } from './url.ts';

/** Of an answer that must be read as a whole; NDJSON has no bound. */
const MAX_JSON = 64 * 1_024 * 1_024;
const MAX_PAGES = 100_000;
const BATCH = 1_000;

export interface ListRequest {
  path?: string;
  /** JSON pointer to the array in a JSON answer. */
  rows?: string;
}

/** Batches of rows as they come. Throws DocumentError: what was asked, what came, how to mend it. No secret, no payload. */
export async function* readList(
  plan: ConnectorPlan,
  secrets: Secrets,
  { path, rows: pointer }: ListRequest,
  signal: AbortSignal,
): AsyncGenerator<unknown[]> {
  const base = baseUrl(plan.name, plan.http!.url);
  const agent = new Agent({ connections: 1, connect: reach(plan.timeoutMs) });
  let url: URL | undefined = joinUrl(base, path);
  try {
    for (let page = 0; url; page++) {
      if (page === MAX_PAGES)
        throw wrong('seed.pages', url, `leads to more than ${MAX_PAGES} pages`, 'mend its Link headers');
      const here: URL = url;
      const limit = deadline(plan.timeoutMs, signal);
      try {
        const answer = await send(here, {
          dispatcher: agent,
          method: 'GET',
          headers: {
            accept: 'application/json, application/x-ndjson',
            'accept-encoding': 'identity',
            ...(await authOf(plan.http!.auth, secrets)),
          },
          signal: limit.signal,
        });
        const headers = flatHeaders(answer.headers);
        if (answer.statusCode !== 200) {
          await answer.body.dump();
          throw wrong('seed.status', here, `answered ${answer.statusCode}`, hintOf(answer.statusCode));
        }
        // The head is there: from now on only silence counts, not the size of the list.
        limit.clear();
        const type = (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
        if (/ndjson|jsonl|json-seq/.test(type)) yield* linesOf(answer.body, here);
        else yield* arrayOf(answer.body, here, type, pointer);
        url = nextOf(headers.link, here, base);
      } catch (error) {
        throw (error as Error).name === 'DocumentError'
          ? error
          : failure(error, plan, here, limit.reason(), plan.timeoutMs);
      } finally {
        limit.clear();
      }
    }
  } finally {
    await agent.destroy();
  }
}

const hintOf = (status: number): string =>
  status === 401 || status === 403
    ? 'mend spec.http.auth of the Connector'
    : status === 404
      ? 'mend spec.seed.http.path'
      : 'it is asked again in a while';

async function* linesOf(body: Readable, url: URL): AsyncGenerator<unknown[]> {
  let batch: unknown[] = [];
  let line = 0;
  for await (const text of createInterface({ input: body, crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    if (text.trim() === '') continue;
    try {
      batch.push(JSON.parse(text));
    } catch (error) {
      throw wrong(
        'seed.notJson',
        url,
        `line ${line} is not JSON (${(error as Error).message})`,
        'write one object per line',
      );
    }
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function* arrayOf(body: Readable, url: URL, type: string, pointer = ''): AsyncGenerator<unknown[]> {
  const { bytes, truncated } = await readCapped(body, MAX_JSON);
  if (truncated)
    throw wrong(
      'seed.tooLarge',
      url,
      `gives more than ${MAX_JSON} bytes at once`,
      'have it answer NDJSON, or in pages',
    );
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    throw wrong(
      'seed.notJson',
      url,
      `answered ${type || 'something'} that is not JSON`,
      'a JSON array of objects, or NDJSON, is needed',
    );
  }
  const at = pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((node, part) => (node as Record<string, unknown> | undefined)?.[part], value);
  if (!Array.isArray(at)) {
    const has = typeof value === 'object' && value !== null ? Object.keys(value).slice(0, 10).join(', ') : typeof value;
    throw wrong(
      'seed.noArray',
      url,
      `has no array ${pointer ? `at ${pointer}` : 'of rows'}; it has: ${has}`,
      'name the place of the rows in spec.seed.http.rows',
    );
  }
  for (let i = 0; i < at.length; i += BATCH) yield at.slice(i, i + BATCH);
}

/** RFC 8288. A page elsewhere is refused: the credentials go with the request. */
function nextOf(link: string | undefined, here: URL, base: URL): URL | undefined {
  const target = /<([^>]*)>[^,]*;\s*rel="?next"?/i.exec(link ?? '')?.[1];
  if (target === undefined) return undefined;
  const next = URL.parse(target, here.href);
  if (!next || next.origin !== base.origin)
    throw wrong('seed.nextPage', here, 'its next page is at another place', `have it stay at ${base.origin}`);
  return next;
}

const wrong = (code: string, url: URL, what: string, remedy: string) =>
  deliveryFailed(code, `GET ${url.origin}${url.pathname} ${what}; ${remedy}`);
