/** The HTTP API: who asks is known, may, and asks not too often; what is asked fits its schema; what is done or refused is audited. */
import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { getCookie } from 'hono/cookie';
import { streamSSE } from 'hono/streaming';
import { audit } from '../acts/audit.ts';
import { ActError } from '../acts/contract.ts';
import { Oidc, same } from './auth/oidc.ts';
import { COOKIE, readSession } from './auth/sessions.ts';
import type { Caller } from './auth/who.ts';
import { partnerOf } from './auth/who.ts';
import { bodyOf } from './body.ts';
import { type Api, type Call, type Handlers, memory, scopeOf } from './call.ts';
import { Changes } from './changes.ts';
import type { Endpoints, LoginWays } from './contract.ts';
import { csvOf } from './csv.ts';
import openapi from './generated/openapi.json' with { type: 'json' };
import { business } from './handlers/business.ts';
import { documents } from './handlers/documents.ts';
import { operations } from './handlers/operations.ts';
import { authRoutes, session } from './handlers/session.ts';
import { views } from './handlers/views.ts';
import { work } from './handlers/work.ts';
import { hostProblem, isLoopback, securityHeaders } from './hosts.ts';
import { RateLimiter } from './limits.ts';
import { BASE } from './openapi/base.ts';
import type { ApiOptions } from './options.ts';
import { decoded } from './path.ts';
import { ApiError, problemResponse } from './problem.ts';
import { ROUTES, type RouteName } from './routes.ts';
import { staticFiles } from './static.ts';
import { checkQuery } from './validate.ts';

export interface Env {
  Variables: { requestId: string };
  Bindings: { incoming?: { socket: { remoteAddress?: string } } };
}
export type Asked = Context<Env>;

const PING_MS = 15_000;
const MAX_LISTENERS = 200;
const handlers = { ...business, ...documents, ...work, ...operations, ...views } as Omit<
  Handlers,
  keyof typeof session
>;

export interface App {
  fetch(request: Request, env?: Env['Bindings']): Response | Promise<Response>;
  stop(): void;
}

export function createApp(options: ApiOptions): App {
  const { namespace, database, log } = options;
  const changes = new Changes(database, namespace);
  const api: Api = { options, changes, remember: memory() };
  const limiter = new RateLimiter(options.limits);
  const oidc = options.login.oidc && new Oidc(options.login.oidc);
  const localCsrf = randomUUID();
  const ways: LoginWays = {
    password: (options.login.users?.length ?? 0) > 0,
    ...(oidc && { oidc: `${BASE}/auth/login` }),
  };
  const app = new Hono<Env>();
  let listeners = 0;

  const addressOf = (c: Asked): string => c.env?.incoming?.socket.remoteAddress ?? '';
  const throttle = (kind: 'Read' | 'Act' | 'Login', caller: string): void => {
    const wait = limiter.take(kind, caller);
    if (wait !== undefined) throw new ApiError(429, `too often: try again in ${wait} s`, { retryAfterS: wait });
  };

  async function callerOf(c: Asked): Promise<Caller> {
    const bearer = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (bearer && oidc) return { who: await oidc.bearer(bearer), session: 'Bearer' };
    const token = getCookie(c, COOKIE);
    const known = token ? await readSession(database, namespace, token) : undefined;
    if (known) return known;
    const { local } = options.login;
    if (local && isLoopback(addressOf(c)))
      return {
        who: { user: local.user, displayName: local.user, roles: ['Operator'], mayReadPayloads: true },
        session: 'Local',
        csrf: localCsrf,
      };
    throw new ApiError(401, bearer ? 'the bearer token is not valid here' : 'log in first', { login: ways });
  }

  app.use(async (c, next) => {
    c.set('requestId', randomUUID());
    const problem = hostProblem(c.req.header('host'), options.publicUrl);
    if (problem) throw new ApiError(421, problem);
    await next();
    securityHeaders(c.res.headers, c.req.path.startsWith(BASE), c.get('requestId'));
  });

  app.onError((error, c) => {
    const known = toApiError(error);
    if (known.status >= 500)
      log.error('a request failed', { path: c.req.path, requestId: c.get('requestId'), error: error.message });
    const response = problemResponse(known, c.get('requestId'));
    securityHeaders(response.headers, true, c.get('requestId'));
    return response;
  });
  app.notFound((c) => problemResponse(new ApiError(404, `there is nothing at ${c.req.path}`), c.get('requestId')));

  /** Refused acts are written down: who tried what. */
  async function refused(c: Asked, name: RouteName, caller: Caller | undefined, error: ApiError): Promise<void> {
    const { act } = ROUTES[name];
    // Nobody in particular, and whoever is told to wait, must not fill the audit.
    if (!caller || error.status === 429 || (!act && error.status !== 403)) return;
    await audit(database, namespace, {
      actor: caller?.who.user ?? '',
      act: act ?? name,
      target: decoded(c.req.path.slice(BASE.length)),
      outcome: error.status >= 500 ? 'Failed' : 'Refused',
      reason: error.message,
      detail: { status: error.status, requestId: c.get('requestId'), address: addressOf(c) },
    }).catch((failure: Error) => log.error('a refusal is not in the audit', { error: failure.message }));
  }

  async function answer(c: Asked, name: RouteName): Promise<Response> {
    const route = ROUTES[name];
    const isRead = c.req.method === 'GET';
    let caller: Caller | undefined;
    try {
      caller = await callerOf(c);
      throttle(isRead ? 'Read' : 'Act', `${caller.who.user} ${caller.session === 'Local' ? addressOf(c) : ''}`);
      if (!isRead && caller.csrf !== undefined && !same(c.req.header('x-csrf-token') ?? '', caller.csrf))
        throw new ApiError(403, 'X-CSRF-Token is missing or of another session: read it from GET /me');
      const roles = caller.who.roles;
      if (route.roles !== 'Anyone' && !route.roles.some((role) => roles.includes(role)))
        throw new ApiError(403, `this needs the role ${route.roles.join(' or ')}; you are ${roles.join(', ')}`);
      if (route.payloads && !caller.who.mayReadPayloads)
        throw new ApiError(403, 'this needs the right to read payloads, which is given apart from roles');
      const query = checkQuery(name, c.req.query());
      const body = await bodyOf(c, name);
      const call = {
        api,
        who: caller.who,
        params: paramsOf(c),
        query,
        body,
        scope: scopeOf(options, caller.who),
        now: Date.now(),
      };
      const handler = (handlers as unknown as Record<string, (call: Call) => Promise<unknown>>)[name];
      const result = handler
        ? await handler(call as never)
        : await session[name as keyof typeof session](call as never, c, caller);
      if (isRead && route.act)
        await audit(database, namespace, {
          ...{
            actor: caller.who.user,
            act: route.act,
            outcome: 'Done',
            target: decoded(c.req.path.slice(BASE.length)),
          },
        });
      return replyOf(c, name, result);
    } catch (error) {
      const known = toApiError(error as Error);
      await refused(c, name, caller, known);
      throw error;
    }
  }

  for (const name of Object.keys(ROUTES) as RouteName[]) {
    if (ROUTES[name].roles === 'Anyone') continue;
    const [method = '', path = ''] = name.split(' ');
    app.on(method, BASE + path.replaceAll(/\{(\w+)\}/g, ':$1'), (c) => answer(c, name));
  }
  authRoutes(app, { options, oidc, throttle, addressOf, refused });

  app.get(`${BASE}/openapi.json`, (c) => c.json(openapi));
  app.get(`${BASE}/events`, async (c) => {
    const { who } = await callerOf(c);
    throttle('Read', who.user);
    if (listeners >= MAX_LISTENERS) throw new ApiError(503, 'too many listen already', { retryAfterS: 10 });
    listeners += 1;
    return streamSSE(c, async (stream) => {
      const over = Promise.withResolvers<void>();
      stream.onAbort(() => over.resolve());
      const last = c.req.header('last-event-id') ?? c.req.query('lastEventId');
      const end = changes.listen(last, partnerOf(who), ({ id, event, data }) => {
        void stream.writeSSE({ id, event, data: JSON.stringify(data) });
      });
      const ping = setInterval(() => void stream.write(': ping\n\n'), PING_MS);
      await stream.write(': connected\n\n');
      await over.promise;
      clearInterval(ping);
      end();
      listeners -= 1;
    });
  });
  app.all(`${BASE}/*`, (c) => {
    throw new ApiError(404, `${c.req.method} ${c.req.path} is no endpoint: see ${BASE}/openapi.json`);
  });
  if (options.console) app.get('*', staticFiles(options.console));

  return { fetch: (request, env) => app.fetch(request, env), stop: () => changes.stop() };
}

const paramsOf = (c: Asked): Record<string, string> => c.req.param() as Record<string, string>;

const CSV: Partial<Record<RouteName, { rows: string; columns: string[] }>> = {
  'GET /transactions': {
    rows: 'items',
    columns: [
      'process',
      'key',
      'state',
      'partners',
      'openedAt',
      'changedAt',
      'late',
      'exceptions',
      'atRisk',
      'value',
      'milestones',
    ],
  },
  'GET /exceptions': {
    rows: 'items',
    columns: [
      'process',
      'key',
      'kind',
      'match',
      'line',
      'expected',
      'actual',
      'money',
      'severity',
      'partners',
      'owner',
      'openedAt',
      'dueAt',
      'overdue',
      'closedAt',
      'closedBy',
    ],
  },
  'GET /partners': {
    rows: 'items',
    columns: [
      'name',
      'displayName',
      'usage',
      'onboarding',
      'state',
      'transactions',
      'openTransactions',
      'confirmationSeconds',
      'acknowledgmentSeconds',
      'asnAccuracy',
      'onTime',
      'openExceptions',
      'deadLetters',
      'lastDocumentAt',
    ],
  },
  'GET /measures': {
    rows: 'rows',
    columns: [
      'week',
      'partner',
      'transactions',
      'complete',
      'receiptToPosting',
      'invoiceHolds',
      'exceptions',
      'compliance',
      'touches',
    ],
  },
  'GET /audit': { rows: 'items', columns: ['at', 'actor', 'act', 'target', 'outcome', 'reason', 'detail'] },
};

export function replyOf(c: Asked, name: RouteName, result: unknown): Response {
  if (result instanceof Response) return result;
  const { status = 200, csv } = ROUTES[name];
  if (status === 204) return c.body(null, 204);
  const wantsCsv = c.req.query('format') === 'csv' || /\btext\/csv\b/.test(c.req.header('accept') ?? '');
  const table = CSV[name];
  if (!csv || !wantsCsv || !table) return c.json(result as Endpoints[RouteName]['answer'] & object, status);
  const found = (result as Record<string, Record<string, unknown>[]>)[table.rows]!;
  const rows = found.map((row) => ({ ...row, ...(row.scorecard as object | undefined) }));
  return c.body(csvOf(rows, table.columns), 200, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${table.rows === 'rows' ? 'measures' : name.split('/').at(-1)}.csv"`,
  });
}

const STATUS = { Invalid: 422, NotFound: 404, Conflict: 409, Unavailable: 503 } as const;
function toApiError(error: Error): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof ActError) return new ApiError(STATUS[error.kind], error.message);
  if (error instanceof RangeError || error instanceof URIError) return new ApiError(400, error.message);
  // What the database cannot take as text (U+0000) or as a number comes from the request.
  if (/^22/.test((error as { code?: string }).code ?? ''))
    return new ApiError(400, 'a value of the request cannot be used');
  if (/^(08|57|ECONN)/.test((error as { code?: string }).code ?? '') || /timeout/i.test(error.message))
    return new ApiError(503, 'PostgreSQL does not answer', { retryAfterS: 5 });
  return new ApiError(500, 'something went wrong here: the log tells more, by the request id');
}
