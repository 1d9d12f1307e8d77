/** Who may what: roles, partners, CSRF, sessions, limits, hosts, injection; and logging in by a real OpenID provider. */
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as api from '../../tracker/api/contract.ts';
import { ROUTES } from '../../tracker/api/routes.ts';
import { type Browser, browser, SECRET, type Stand, startStand } from './api-support.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
});
afterAll(() => stand[Symbol.asyncDispose]());

const refusals = async (act: string) => {
  const { items } = await (await stand.login('olga')).get<api.AuditList>('/audit?limit=100');
  return items.filter((one) => one.act === act && one.outcome === 'Refused');
};
/** Each route with parameters that lead to something of acme, and a body that fits nowhere. */
const path = (name: string): { method: string; url: string } => {
  const [method = '', template = ''] = name.split(' ');
  const values: Record<string, string> = {
    process: 'inbound',
    key: 'PO-1',
    id: 'notice-1',
    n: '0',
    name: 'acme',
    fingerprint: 'f',
  };
  return { method, url: template.replaceAll(/\{(\w+)\}/g, (_, param: string) => values[param]!) };
};

it('nobody gets anything without a login', async () => {
  for (const name of Object.keys(ROUTES)) {
    if (name === 'POST /session') continue;
    const { method, url } = path(name);
    const answer = await fetch(`${stand.url}/api/v1${url}`, { method });
    expect(answer.status, name).toBe(401);
    expect(await answer.json()).toMatchObject({ status: 401, login: { password: true } });
  }
  expect((await fetch(`${stand.url}/api/v1/events`)).status).toBe(401);
});

it('each role gets what is its own; what is refused is in the audit', async () => {
  for (const [user, role] of [
    ['vera', 'Viewer'],
    ['acme-user', 'Partner'],
  ] as const) {
    const one = await stand.login(user);
    for (const [name, { roles }] of Object.entries(ROUTES)) {
      if (roles === 'Anyone' || roles.includes(role)) continue;
      const { method, url } = path(name);
      expect(
        (await one.fetch(url, { method, json: method === 'POST' ? {} : undefined })).status,
        `${user} ${name}`,
      ).toBe(403);
    }
  }
  // Also where its path is no encoding.
  const vera = await stand.login('vera');
  expect((await vera.fetch('/dead-letters/%E0%A4%A/discard', { method: 'POST', json: {} })).status).toBe(403);
  expect(JSON.stringify(await refusals('LettersDiscarded'))).toContain('%E0%A4%A');
  const held = await refusals('Held');
  expect(held.map(({ actor }) => actor).sort()).toEqual(['acme-user', 'vera']);
});

describe('a partner', () => {
  let globex: Browser;
  beforeAll(async () => {
    globex = await stand.login('globex-user');
  });
  it('sees its own transactions only, whatever it asks for', async () => {
    for (const query of ['', '?partner=acme', '?q=PO-1', '?q=S-1', '?q=PO-1,PO-2', '?q=340123450000000018', '?q=PO-']) {
      const { items, notFound } = await globex.get<api.TransactionList>(`/transactions${query}`);
      expect(
        items.filter(({ key }) => key !== 'PO-2'),
        query,
      ).toEqual([]);
      if (query === '?q=PO-1,PO-2') expect(notFound).toEqual(['PO-1']);
    }
    expect((await globex.fetch('/transactions/inbound/PO-1')).status).toBe(404);
    const own = await globex.get<api.TransactionDetail>('/transactions/inbound/PO-2');
    expect(own.timeline.map(({ id }) => id)).toEqual(['order-PO-2']);
    expect(own).toMatchObject({ links: [], facts: [], partners: ['globex'] });
  });
  it("does not learn of others' documents, exceptions, partners, arrivals", async () => {
    for (const id of ['notice-1', 'order-PO-1', 'receipt-1']) {
      expect((await globex.fetch(`/documents/${id}`)).status, id).toBe(404);
      expect((await globex.fetch(`/documents/${id}/payloads/0`)).status, id).toBe(404);
    }
    expect((await globex.fetch('/documents/order-PO-2')).status).toBe(200);
    for (const query of ['', '?partner=acme', '?key=PO-1', '?state=All'])
      expect((await globex.get<api.ExceptionList>(`/exceptions${query}`)).items, query).toEqual([]);
    expect((await globex.get<api.PartnerList>('/partners')).items.map(({ name }) => name)).toEqual(['globex']);
    expect((await globex.fetch('/partners/acme')).status).toBe(404);
    const { rows } = await globex.get<api.Measures>('/measures?from=2026-03-01&to=2026-03-31&partner=acme');
    expect(rows.filter(({ partner }) => partner !== 'globex')).toEqual([]);
    const today = await globex.get<api.Today>('/today?day=2026-03-09');
    expect(today.arrivals.flatMap(({ expected }) => expected.map(({ key }) => key))).toEqual(['PO-2']);
    const everything = await Promise.all(
      ['/transactions', '/exceptions', '/partners', '/today?day=2026-03-09', '/me', '/views'].map(async (url) =>
        (await globex.fetch(url)).text(),
      ),
    );
    expect(everything.join()).not.toContain('acme');
    expect(everything.join()).not.toContain(SECRET);
  });
  it('sees what happened to what it sent, and not what our systems said of it', async () => {
    const found = await globex.get<api.DocumentDetail>('/documents/response-2');
    expect(found.entries).toEqual([]);
    expect(found.accounts.find(({ state }) => state === 'DeadLettered')).toMatchObject({ destination: 'response/erp' });
    expect(JSON.stringify(found)).not.toContain('vendor blocked');
  });
});

it('payloads are read by a right of its own, and each reading is written down', async () => {
  const [olga, otto, vera] = await Promise.all(['olga', 'otto', 'vera'].map((user) => stand.login(user)));
  expect((await otto!.fetch('/documents/order-PO-1/payloads/0')).status).toBe(403);
  expect((await vera!.fetch('/documents/order-PO-1/payloads/0')).status).toBe(403);
  expect((await olga!.fetch('/documents/order-PO-1/payloads/0')).status).toBe(200);
  const { items } = await olga!.get<api.AuditList>('/audit?act=PayloadRead');
  expect(
    items
      .map(({ actor, outcome }) => `${actor} ${outcome}`)
      .slice(0, 3)
      .sort(),
  ).toEqual(['olga Done', 'otto Refused', 'vera Refused']);
});

describe('sessions', () => {
  it('are HttpOnly and SameSite, end with a logout, and are no other person’s', async () => {
    const answer = await fetch(`${stand.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'vera', password: 'correct horse battery staple' }),
    });
    expect(answer.headers.getSetCookie()[0]).toMatch(
      /^crossdock-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/,
    );
    const vera = browser(stand.url, (await answer.json()) as api.Me, answer.headers.getSetCookie()[0]!.split(';')[0]!);
    const { rows } = await stand.database.query('select id from sessions');
    expect(rows.map(({ id }) => id)).not.toContain(vera.cookie.split('=')[1]);
    expect((await vera.fetch('/session', { method: 'DELETE' })).status).toBe(204);
    expect((await vera.fetch('/me')).status).toBe(401);
  });
  it('acts need the CSRF token of the session', async () => {
    const [olga, vera] = [await stand.login('olga'), await stand.login('vera')];
    for (const csrf of ['', 'x', vera.me.csrf]) {
      const answer = await olga.fetch('/holds', {
        method: 'POST',
        csrf,
        json: { targetKind: 'Connector', targetName: 'erp', reason: 'x' },
      });
      expect(answer.status).toBe(403);
    }
    expect((await refusals('Held')).some(({ actor, reason }) => actor === 'olga' && /CSRF/.test(reason!))).toBe(true);
  });
  it('a wrong password is refused and audited; a form of another site is too', async () => {
    await expect(stand.login('vera', 'guess')).rejects.toThrow('401');
    await expect(stand.login('nobody', 'guess')).rejects.toThrow('401');
    expect((await refusals('LoggedIn')).map(({ actor }) => actor)).toEqual(expect.arrayContaining(['vera', 'nobody']));
    const form = await fetch(`${stand.url}/api/v1/session`, {
      method: 'POST',
      body: new URLSearchParams({ user: 'vera' }),
    });
    expect(form.status).toBe(415);
  });
});

it('strings that would be code elsewhere are strings here', async () => {
  const olga = await stand.login('olga');
  for (const evil of [
    "'; drop table transactions; --",
    '%',
    '_',
    '\\',
    '{"$ne":1}',
    '<script>alert(1)</script>',
    '../../etc/passwd',
    '=1+1',
    '\u0000',
    'a'.repeat(5_000),
  ]) {
    const text = encodeURIComponent(evil);
    for (const url of [
      `/transactions?q=${text}`,
      `/transactions?partner=${text}`,
      `/transactions?missing=${text}`,
      `/exceptions?kind=${text}`,
      `/documents/${text}`,
      `/transactions/inbound/${text}`,
      `/partners/${text}`,
      `/dead-letters?class=${text}`,
      `/audit?target=${text}`,
    ]) {
      const answer = await olga.fetch(url);
      expect(answer.status, `${url.slice(0, 60)}: ${await answer.clone().text()}`).toBeLessThan(500);
      if (url.startsWith('/transactions?q=') && answer.ok && evil !== '_' && evil !== '%') {
        const { items } = (await answer.json()) as api.TransactionList;
        expect(items).toEqual([]);
      }
    }
  }
  for (const cursor of [
    'x',
    Buffer.from('[1]').toString('base64url'),
    Buffer.from('["a","b","c"]').toString('base64url'),
  ])
    expect((await olga.fetch(`/transactions?cursor=${cursor}`)).status).toBe(400);
  expect((await olga.fetch('/transactions?limit=501')).status).toBe(400);
  expect((await olga.fetch('/transactions?unknown=1')).status).toBe(400);
  expect((await olga.get<api.TransactionList>('/transactions')).items).toHaveLength(2);
});

it('whoever asks too often waits', async () => {
  const few = { perMinute: 60, burst: 3 };
  await using strict = await startStand({ limits: { Read: few, Act: few, Login: { perMinute: 1, burst: 2 } } });
  const vera = await strict.login('vera');
  const answers = await Promise.all(Array.from({ length: 6 }, () => vera.fetch('/me')));
  expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(2);
  expect(answers.find(({ status }) => status === 429)!.headers.get('retry-after')).toMatch(/^\d+$/);
  await expect(strict.login('vera', 'guess')).rejects.toThrow();
  await expect(strict.login('vera', 'guess')).rejects.toThrow('429');
});

/** With a Host header of one's own. */
const asHost = (url: string, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    request({ hostname, port, path: '/api/v1/me', headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode!);
    })
      .on('error', reject)
      .end();
  });
it('on loopback: an Operator without a login, under no foreign name', async () => {
  await using local = await startStand({ login: { local: { user: 'me' } } });
  const me = (await (await fetch(`${local.url}/api/v1/me`)).json()) as api.Me;
  expect(me).toMatchObject({ user: 'me', roles: ['Operator'], session: 'Local' });
  expect(await asHost(local.url, 'evil.example.com')).toBe(421);
  expect(await asHost(local.url, 'localhost:1234')).toBe(200);
  const forged = await fetch(`${local.url}/api/v1/holds`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect(forged.status).toBe(403);
});

describe('OpenID Connect', () => {
  /** Who the provider says one is, by the login that one types. */
  const PEOPLE: Record<string, object> = {
    ivan: { groups: ['xd-operators', 'xd-payloads'], name: 'Ivan' },
    paul: { groups: ['suppliers'], partner: 'acme' },
    lost: { groups: ['something-else'] },
    both: { groups: ['suppliers', 'xd-viewers'], partner: 'acme' },
  };
  let provider: { issuer: string; stop(): Promise<void> };
  let at: Stand;
  beforeAll(async () => {
    const { port } = await freePort();
    const own = await freePort();
    const redirect = `http://127.0.0.1:${own.port}/api/v1/auth/callback`;
    provider = await startProvider(port, redirect, PEOPLE);
    at = await startStand({
      publicUrl: `http://127.0.0.1:${own.port}`,
      login: {
        oidc: {
          issuer: provider.issuer,
          clientId: 'crossdock',
          clientSecret: 'a-secret-of-the-test-client-0123456789',
          rolesClaim: 'groups',
          roles: { Operator: ['xd-operators'], Viewer: ['xd-viewers'], Partner: ['suppliers'] },
          payloads: ['xd-payloads'],
          partnerClaim: 'partner',
          allowInsecure: true,
        },
      },
      port: own.port,
    });
  });
  afterAll(async () => {
    await at[Symbol.asyncDispose]();
    await provider.stop();
  });

  it('the code flow with PKCE gives a session with the roles of the claims', async () => {
    const { status, cookie, location } = await enter(at.url, 'ivan', '/exceptions?x=1');
    expect({ status, location }).toEqual({ status: 302, location: '/exceptions?x=1' });
    const ivan = browser(at.url, {} as api.Me, cookie!);
    expect(await ivan.get<api.Me>('/me')).toMatchObject({
      user: 'ivan',
      displayName: 'Ivan',
      roles: ['Operator'],
      mayReadPayloads: true,
      session: 'OIDC',
    });
    const paul = browser(at.url, {} as api.Me, (await enter(at.url, 'paul')).cookie!);
    expect(await paul.get<api.Me>('/me')).toMatchObject({
      roles: ['Partner'],
      partner: 'acme',
      mayReadPayloads: false,
    });
    expect((await paul.get<api.TransactionList>('/transactions')).items.map(({ key }) => key)).toEqual(['PO-1']);
  });
  it('no role, or two that exclude each other: refused', async () => {
    for (const person of ['lost', 'both'])
      expect(await enter(at.url, person), person).toMatchObject({ status: 403, cookie: undefined });
  });
  it('a login that was not begun here, or leads away, is refused', async () => {
    expect((await fetch(`${at.url}/api/v1/auth/callback?code=x&state=y`)).status).toBe(401);
    for (const away of ['//evil.example.com', '/\\evil.example.com', 'https://evil.example.com'])
      expect((await enter(at.url, 'ivan', away)).location).toBe('/');
    expect((await fetch(`${at.url}/api/v1/me`, { headers: { authorization: 'Bearer x.y.z' } })).status).toBe(401);
  });
});

async function freePort(): Promise<{ port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return { port };
}

async function startProvider(port: number, redirect: string, people: Record<string, object>) {
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'crossdock',
        client_secret: 'a-secret-of-the-test-client-0123456789',
        redirect_uris: [redirect],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['name', 'groups', 'partner'], email: ['email'] },
    conformIdTokenClaims: false,
    findAccount: (_ctx: unknown, id: string) => ({ accountId: id, claims: async () => ({ sub: id, ...people[id] }) }),
    cookies: { keys: ['a-key-of-the-test'] },
    features: { devInteractions: { enabled: true } },
  } as never);
  const server = provider.listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    issuer,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What a person does in a browser: follows redirects, types the name, consents, comes back. */
async function enter(
  url: string,
  person: string,
  returnTo = '/',
): Promise<{ status: number; cookie: string | undefined; location: string | null }> {
  const jar = new Map<string, string>();
  const go = async (to: string, body?: URLSearchParams) => {
    const { host } = new URL(to);
    const cookie = [...jar]
      .flatMap(([name, value]) => (name.startsWith(`${host} `) ? [`${name.split(' ')[1]}=${value}`] : []))
      .join('; ');
    const answer = await fetch(to, {
      method: body ? 'POST' : 'GET',
      redirect: 'manual',
      headers: { cookie },
      ...(body && { body }),
    });
    for (const one of answer.headers.getSetCookie()) {
      const [pair = ''] = one.split(';');
      const at = pair.indexOf('=');
      jar.set(`${host} ${pair.slice(0, at)}`, pair.slice(at + 1));
    }
    return answer;
  };
  let to = `${url}/api/v1/auth/login?return=${encodeURIComponent(returnTo)}`;
  for (let step = 0; step < 20; step++) {
    let answer = await go(to);
    if (answer.status === 200) {
      const page = await answer.text();
      const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? 'login';
      answer = await go(
        new URL(action!, to).href,
        new URLSearchParams({ prompt, ...(prompt === 'login' && { login: person, password: 'any' }) }),
      );
    }
    const location = answer.headers.get('location');
    const session = jar.get(`${new URL(url).host} crossdock-session`);
    if (new URL(to).pathname.endsWith('/auth/callback'))
      return { status: answer.status, cookie: session && `crossdock-session=${session}`, location };
    if (location === null) throw new Error(`stuck at ${to}: ${answer.status} ${await answer.text()}`);
    to = new URL(location, to).href;
  }
  throw new Error('too many steps');
}
