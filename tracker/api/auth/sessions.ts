/** Sessions in the database: by the hash of their token alone, so that whoever reads the table can take none over. */
import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { Caller } from './who.ts';

export const COOKIE = 'crossdock-session';
const LIFE_MS = 12 * 3_600_000;

const idOf = (token: string): string => createHash('sha256').update(token).digest('hex');

export interface Opened {
  token: string;
  caller: Caller;
}

export async function openSession(
  database: pg.Pool,
  namespace: string,
  { who, session }: Pick<Caller, 'who' | 'session'>,
  now = Date.now(),
): Promise<Opened> {
  const token = randomBytes(32).toString('base64url');
  const caller: Caller = { who, session, csrf: randomBytes(24).toString('base64url'), expiresAt: now + LIFE_MS };
  await database.query('delete from sessions where expires_at < $1', [now]);
  await database.query('insert into sessions (id, namespace, body, expires_at) values ($1, $2, $3, $4)', [
    idOf(token),
    namespace,
    JSON.stringify(caller),
    caller.expiresAt,
  ]);
  return { token, caller };
}

export async function readSession(
  database: pg.Pool,
  namespace: string,
  token: string,
  now = Date.now(),
): Promise<Caller | undefined> {
  const { rows } = await database.query<{ body: Caller }>(
    'select body from sessions where id = $1 and namespace = $2 and expires_at > $3',
    [idOf(token), namespace, now],
  );
  return rows[0]?.body;
}

export async function closeSession(database: pg.Pool, token: string): Promise<void> {
  await database.query('delete from sessions where id = $1', [idOf(token)]);
}

/** Strict would lose the session on the way back from the OpenID provider. */
export const cookieOf = (token: string, { secure, maxAgeS = LIFE_MS / 1000 }: { secure: boolean; maxAgeS?: number }) =>
  `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeS}${secure ? '; Secure' : ''}`;
