/** Local users with scrypt hashes: `scrypt$<N>$<r>$<p>$<salt>$<hash>`, base64url. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { parse } from 'yaml';
import type { Role } from '../contract.ts';
import { unfit, type Who } from './who.ts';

export interface LocalUser extends Who {
  /** Hash of its password. */
  password: string;
}

const COST = { N: 32_768, r: 8, p: 1 };
const HASH = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([\w-]{16,})\$([\w-]{32,})$/;
const ROLES: readonly Role[] = ['Viewer', 'Operator', 'Partner'];

const derive = (password: string, salt: Buffer, length: number, { N, r, p }: typeof COST): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
    scrypt(password.normalize('NFKC'), salt, length, options, (error, key) => (error ? reject(error) : resolve(key)));
  });

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, 32, COST);
  return `scrypt$${COST.N}$${COST.r}$${COST.p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

export async function fits(password: string, stored: string): Promise<boolean> {
  const [, N, r, p, salt, hash] = HASH.exec(stored) ?? [];
  if (!hash) return false;
  const expected = Buffer.from(hash, 'base64url');
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  return timingSafeEqual(await derive(password, Buffer.from(salt!, 'base64url'), expected.length, cost), expected);
}

/**
 * `users: [{name, displayName?, password, roles, partner?, mayReadPayloads?}]` as YAML or JSON. Throws an Error that says which user is wrong and how; it
 * tells no hash.
 */
export function readUsers(text: string): LocalUser[] {
  const { users } = (parse(text) ?? {}) as { users?: Record<string, unknown>[] };
  if (!Array.isArray(users)) throw new Error('users: a list of users is missing');
  return users.map((user, i) => {
    const { name, displayName = name, password, roles, partner, mayReadPayloads = false } = user ?? {};
    const wrong = (what: string) => new Error(`users[${i}]${typeof name === 'string' ? ` (${name})` : ''}: ${what}`);
    if (typeof name !== 'string' || name === '') throw wrong('name is missing');
    if (typeof password !== 'string' || !HASH.test(password))
      throw wrong('password is no scrypt hash: make one with `crossdock user hash`');
    if (!Array.isArray(roles) || roles.some((role) => !ROLES.includes(role)))
      throw wrong(`roles is a list of ${ROLES.join(', ')}`);
    const who: LocalUser = {
      user: name,
      displayName: String(displayName),
      password,
      roles: roles as Role[],
      mayReadPayloads: mayReadPayloads === true,
      ...(typeof partner === 'string' && { partner }),
    };
    const problem = unfit(who);
    if (problem) throw wrong(problem);
    return who;
  });
}

/** undefined: no such user, or another password; takes as long either way. */
export async function login(
  users: readonly LocalUser[],
  name: string,
  password: string,
): Promise<Omit<LocalUser, 'password'> | undefined> {
  const user = users.find((one) => one.user === name);
  const right = await fits(password, user?.password ?? NOBODY);
  if (!user || !right) return undefined;
  const { password: _, ...who } = user;
  return who;
}
const NOBODY = `scrypt$${COST.N}$${COST.r}$${COST.p}$${'A'.repeat(22)}$${'A'.repeat(43)}`;
