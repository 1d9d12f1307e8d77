/** Logging in and out, and who one is. */
import type { Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { audit } from '../../acts/audit.ts';
import { time } from '../../queries/scope.ts';
import type { Asked, Env } from '../app.ts';
import { type Oidc, PENDING_COOKIE } from '../auth/oidc.ts';
import { COOKIE, closeSession, cookieOf, openSession } from '../auth/sessions.ts';
import { login } from '../auth/users.ts';
import type { Caller } from '../auth/who.ts';
import { bodyOf } from '../body.ts';
import type { Call } from '../call.ts';
import type { LoginRequest, Me } from '../contract.ts';
import { BASE } from '../openapi/base.ts';
import type { ApiOptions } from '../options.ts';
import { ApiError } from '../problem.ts';
import type { RouteName } from '../routes.ts';

export const meOf = ({ namespace }: ApiOptions, { who, session, csrf = '', expiresAt }: Caller): Me => {
  const { user, displayName, roles, partner, mayReadPayloads } = who;
  return {
    user,
    displayName,
    roles: [...roles],
    ...(partner !== undefined && { partner }),
    mayReadPayloads,
    session,
    namespace,
    csrf,
    ...(expiresAt !== undefined && { expiresAt: time(expiresAt) }),
    now: time(Date.now()),
  };
};

const isSecure = (publicUrl: string | undefined): boolean => publicUrl?.startsWith('https:') ?? false;

export const session = {
  'GET /me': async (call: Call, _c: Asked, caller: Caller): Promise<Me> => meOf(call.api.options, caller),
  'DELETE /session': async (call: Call, c: Asked): Promise<null> => {
    const { options } = call.api;
    const token = getCookie(c, COOKIE);
    if (token) await closeSession(options.database, token);
    c.header('set-cookie', cookieOf('', { secure: isSecure(options.publicUrl), maxAgeS: 0 }));
    await audit(options.database, options.namespace, {
      ...{ actor: call.who.user, act: 'LoggedOut', target: 'Session', outcome: 'Done' },
    });
    return null;
  },
};

export interface AuthParts {
  options: ApiOptions;
  oidc: Oidc | undefined;
  throttle(kind: 'Login', caller: string): void;
  addressOf(c: Asked): string;
  refused(c: Asked, name: RouteName, caller: Caller | undefined, error: ApiError): Promise<void>;
}

export function authRoutes(app: Hono<Env>, { options, oidc, throttle, addressOf, refused }: AuthParts): void {
  const { database, namespace, publicUrl, login: ways } = options;
  const secure = isSecure(publicUrl);
  const enter = async (c: Asked, caller: Pick<Caller, 'who' | 'session'>): Promise<Caller> => {
    // A session of before is not taken over: whoever planted its token has none of this one.
    const before = getCookie(c, COOKIE);
    if (before) await closeSession(database, before);
    const opened = await openSession(database, namespace, caller);
    c.header('set-cookie', cookieOf(opened.token, { secure }), { append: true });
    await audit(database, namespace, {
      ...{ actor: caller.who.user, act: 'LoggedIn', target: 'Session', outcome: 'Done' },
      detail: { way: caller.session, roles: caller.who.roles.join(' '), address: addressOf(c) },
    });
    return opened.caller;
  };

  app.post(`${BASE}/session`, async (c) => {
    let asked: LoginRequest | undefined;
    try {
      sameOrigin(c);
      throttle('Login', addressOf(c));
      asked = (await bodyOf(c, 'POST /session')) as LoginRequest;
      throttle('Login', asked.user);
      const who = await login(ways.users ?? [], asked.user, asked.password);
      if (!who) throw new ApiError(401, 'no such user, or another password');
      return c.json(meOf(options, await enter(c, { who, session: 'Password' })), 201);
    } catch (error) {
      if (error instanceof ApiError) {
        const caller = asked && nobodyYet(asked.user);
        await refused(c, 'POST /session', caller, error);
      }
      throw error;
    }
  });

  const redirectUri = (c: Asked): string => `${publicUrl ?? new URL(c.req.url).origin}${BASE}/auth/callback`;
  const theOidc = (): Oidc => {
    if (!oidc) throw new ApiError(404, 'no OpenID provider is configured here');
    return oidc;
  };
  app.get(`${BASE}/auth/login`, async (c) => {
    throttle('Login', addressOf(c));
    const { url, cookie, maxAgeS } = await theOidc().begin(redirectUri(c), c.req.query('return') ?? '/');
    setCookie(c, PENDING_COOKIE, cookie, {
      httpOnly: true,
      sameSite: 'Lax',
      secure,
      maxAge: maxAgeS,
      path: `${BASE}/auth`,
    });
    return c.redirect(url, 302);
  });
  app.get(`${BASE}/auth/callback`, async (c) => {
    try {
      const { who, returnTo } = await theOidc().finish(redirectUri(c), c.req.query(), getCookie(c, PENDING_COOKIE));
      setCookie(c, PENDING_COOKIE, '', { maxAge: 0, path: `${BASE}/auth` });
      await enter(c, { who, session: 'OIDC' });
      return c.redirect(returnTo, 302);
    } catch (error) {
      if (error instanceof ApiError) await refused(c, 'POST /session', nobodyYet(''), error);
      throw error;
    }
  });
}

/** Who tries to log in, for the audit. */
const nobodyYet = (user: string): Caller => ({
  who: { user, displayName: user, roles: [], mayReadPayloads: false },
  session: 'Password',
});

/** A page of another origin must not log its visitor in as somebody of its choice. */
function sameOrigin(c: Asked): void {
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new ApiError(403, 'a page of another origin cannot log in here');
}
