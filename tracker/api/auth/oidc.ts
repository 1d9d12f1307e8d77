/** OpenID Connect, authorization code flow with PKCE. What is open between login and callback is in a signed cookie, not in memory. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import type { Role } from '../contract.ts';
import { ApiError } from '../problem.ts';
import { unfit, type Who } from './who.ts';

export interface OidcOptions {
  /** Discovery is at `<issuer>/.well-known/openid-configuration`. */
  issuer: string;
  clientId: string;
  clientSecret?: string;
  /** Default: `openid profile email`. */
  scope?: string;
  /** Claim that lists groups or roles. */
  rolesClaim: string;
  /** Values of the claim that give a role. */
  roles: Partial<Record<Role, readonly string[]>>;
  /** Values of it that give the right to read payloads. */
  payloads: readonly string[];
  /** Claim with the name of the Partner, for the role Partner. */
  partnerClaim: string;
  /** Plain http to a provider, for one on loopback. */
  allowInsecure?: boolean;
}

interface Discovery {
  authorization_endpoint: string;
  token_endpoint: string;
  jwks_uri: string;
  issuer: string;
}
interface Pending {
  state: string;
  nonce: string;
  verifier: string;
  returnTo: string;
  until: number;
}

const PENDING_MS = 10 * 60_000;
const DEADLINE_MS = 10_000;
export const PENDING_COOKIE = 'crossdock-login';

export class Oidc {
  readonly #options: OidcOptions;
  readonly #secret = randomBytes(32);
  #known: Promise<{ discovery: Discovery; keys: ReturnType<typeof createRemoteJWKSet> }> | undefined;

  constructor(options: OidcOptions) {
    if (!options.issuer.startsWith('https://') && !options.allowInsecure)
      throw new Error('OIDC: the issuer must be https');
    this.#options = options;
  }

  /** Where the browser goes, and the cookie that it takes along. `returnTo` is a path of this origin. */
  async begin(redirectUri: string, returnTo: string): Promise<{ url: string; cookie: string; maxAgeS: number }> {
    const { discovery } = await this.#discover();
    const { clientId, scope = 'openid profile email' } = this.#options;
    const random = () => randomBytes(24).toString('base64url');
    const pending: Pending = {
      state: random(),
      nonce: random(),
      verifier: randomBytes(48).toString('base64url'),
      returnTo: /^\/(?![/\\])/.test(returnTo) ? returnTo : '/',
      until: Date.now() + PENDING_MS,
    };
    const url = new URL(discovery.authorization_endpoint);
    for (const [name, value] of Object.entries({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      scope,
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: createHash('sha256').update(pending.verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }))
      url.searchParams.set(name, value);
    const text = Buffer.from(JSON.stringify(pending)).toString('base64url');
    return { url: url.href, cookie: `${text}.${this.#sign(text)}`, maxAgeS: PENDING_MS / 1000 };
  }

  /** Who came back. Throws ApiError 401 for what does not fit, 403 for one without a role. */
  async finish(
    redirectUri: string,
    query: Record<string, string>,
    cookie: string | undefined,
  ): Promise<{ who: Who; returnTo: string }> {
    const pending = this.#pending(cookie);
    if (!pending || !same(pending.state, query.state ?? ''))
      throw new ApiError(401, 'this login was not begun here, or too long ago: begin again');
    if (query.error)
      throw new ApiError(401, `the provider refused: ${query.error} ${query.error_description ?? ''}`.trim());
    const claims = await this.#exchange(redirectUri, query.code ?? '', pending);
    return { who: this.whoOf(claims), returnTo: pending.returnTo };
  }

  /** An ID token that was given to this client, as a bearer token. */
  async bearer(token: string): Promise<Who> {
    const { discovery, keys } = await this.#discover();
    try {
      const { payload } = await jwtVerify(token, keys, { issuer: discovery.issuer, audience: this.#options.clientId });
      return this.whoOf(payload);
    } catch (error) {
      if (error instanceof ApiError) throw error;
      throw new ApiError(401, 'the bearer token is not valid');
    }
  }

  whoOf(claims: JWTPayload): Who {
    const { rolesClaim, roles, payloads, partnerClaim } = this.#options;
    const said = claims[rolesClaim];
    const values = new Set(
      Array.isArray(said) ? said.map(String) : typeof said === 'string' ? said.split(/[\s,]+/) : [],
    );
    const has = (wanted: readonly string[] = []) => wanted.some((value) => values.has(value));
    const partner = claims[partnerClaim];
    const given = (['Viewer', 'Operator', 'Partner'] as const).filter((role) => has(roles[role]));
    const who: Who = {
      user: String(claims.preferred_username ?? claims.email ?? claims.sub ?? ''),
      displayName: String(claims.name ?? claims.preferred_username ?? claims.email ?? claims.sub ?? ''),
      roles: given,
      mayReadPayloads: has(payloads),
      ...(typeof partner === 'string' && given.includes('Partner') && { partner }),
    };
    const problem = who.user === '' ? 'the token names nobody' : unfit(who);
    if (problem) throw new ApiError(403, `${who.user || 'somebody'}: ${problem}`);
    return who;
  }

  async #exchange(redirectUri: string, code: string, { verifier, nonce }: Pending): Promise<JWTPayload> {
    const { discovery, keys } = await this.#discover();
    const { clientId, clientSecret } = this.#options;
    const basic =
      clientSecret &&
      Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64');
    const answer = await fetch(discovery.token_endpoint, {
      method: 'POST',
      headers: { accept: 'application/json', ...(basic && { authorization: `Basic ${basic}` }) },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
        ...(!clientSecret && { client_id: clientId }),
      }),
      redirect: 'error',
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const { id_token: token, error } = (await answer.json().catch(() => ({}))) as { id_token?: string; error?: string };
    if (!answer.ok || !token) throw new ApiError(401, `the provider gave no token: ${error ?? answer.status}`);
    try {
      const { payload } = await jwtVerify(token, keys, { issuer: discovery.issuer, audience: clientId });
      if (typeof payload.nonce !== 'string' || !same(payload.nonce, nonce)) throw new Error('nonce');
      return payload;
    } catch {
      throw new ApiError(401, 'the token of the provider is not valid');
    }
  }

  #discover() {
    this.#known ??= (async () => {
      const issuer = this.#options.issuer.replace(/\/$/, '');
      const answer = await fetch(`${issuer}/.well-known/openid-configuration`, {
        redirect: 'error',
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      if (!answer.ok) throw new Error(`${answer.status}`);
      const discovery = (await answer.json()) as Discovery;
      if (discovery.issuer.replace(/\/$/, '') !== issuer) throw new Error(`it says that it is ${discovery.issuer}`);
      return { discovery, keys: createRemoteJWKSet(new URL(discovery.jwks_uri)) };
    })().catch((error: Error) => {
      this.#known = undefined;
      throw new ApiError(503, `the OpenID provider does not answer: ${error.message}`);
    });
    return this.#known;
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#secret).update(text).digest('base64url');
  }
  #pending(cookie: string | undefined): Pending | undefined {
    const [text = '', signature = ''] = (cookie ?? '').split('.');
    if (!same(this.#sign(text), signature)) return undefined;
    const pending = JSON.parse(Buffer.from(text, 'base64url').toString()) as Pending;
    return pending.until > Date.now() ? pending : undefined;
  }
}

export const same = (a: string, b: string): boolean => {
  const [one, other] = [createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest()];
  return timingSafeEqual(one, other);
};
