/** A namespace's own vhost and user: tenants cannot reach each other, nor the management API. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ActualUser, ManagementClient, Permission } from './client.ts';

export const vhostOf = (namespace: string): string => `crossdock.${namespace}`;

export interface Tenant {
  namespace: string;
  /** Default `crossdock.<namespace>`. */
  vhost?: string | undefined;
  user: string;
  password: string;
  /** Where AMQP is spoken; its user, password and path are not used. */
  amqpUri: string;
}

/** Declares nothing, publishes and consumes everything in its vhost. */
const RUNTIME: Permission = { configure: '^$', write: '.*', read: '.*' };
const ALL: Permission = { configure: '.*', write: '.*', read: '.*' };

/** Makes vhost, user and permissions what they should be; writes nothing that is so already. Gives the AMQP URI of the tenant. */
export async function ensureTenant(client: ManagementClient, tenant: Tenant): Promise<{ vhost: string; uri: string }> {
  const vhost = tenant.vhost ?? vhostOf(tenant.namespace);
  if (!(await client.hasVhost(vhost))) await client.putVhost(vhost, `Crossdock namespace ${tenant.namespace}`);
  // Declaring over the API is done with our own permissions in the vhost.
  await ensurePermission(client, vhost, client.user, ALL);
  const user = await client.getUser(tenant.user);
  if (!user || [user.tags].flat().some((tag) => tag !== '') || !hasPassword(user, tenant.password))
    await client.putUser(tenant.user, tenant.password);
  await ensurePermission(client, vhost, tenant.user, RUNTIME);
  for (const other of await client.permissionsOf(tenant.user))
    if (other.vhost !== vhost) await client.deletePermission(other.vhost, tenant.user);
  const url = new URL(tenant.amqpUri);
  url.username = encodeURIComponent(tenant.user);
  url.password = encodeURIComponent(tenant.password);
  url.pathname = `/${encodeURIComponent(vhost)}`;
  return { vhost, uri: url.href };
}

/** Neither declares nor reads nor writes: the right to nothing in the vhost is what lets it see the vhost's figures. */
const FIGURES: Permission = { configure: '^$', write: '^$', read: '^$' };
export const scalerOf = (namespace: string): string => `${vhostOf(namespace)}.scaler`;

/** The user by which an autoscaler asks how full queues are. Gives the URI of the management API with the vhost as its path. */
export async function ensureScaler(
  client: ManagementClient,
  { namespace, vhost, password }: { namespace: string; vhost: string; password: string },
): Promise<string> {
  const name = scalerOf(namespace);
  const user = await client.getUser(name);
  if (!user || [user.tags].flat().join() !== 'management' || !hasPassword(user, password))
    await client.putUser(name, password, 'management');
  await ensurePermission(client, vhost, name, FIGURES);
  const url = new URL(client.origin);
  url.username = encodeURIComponent(name);
  url.password = encodeURIComponent(password);
  url.pathname = `/${encodeURIComponent(vhost)}`;
  return url.href;
}

async function ensurePermission(client: ManagementClient, vhost: string, user: string, wanted: Permission) {
  const actual = await client.permission(vhost, user);
  const same = actual && (['configure', 'write', 'read'] as const).every((part) => actual[part] === wanted[part]);
  if (!same) await client.putPermission(vhost, user, wanted);
}

/** RabbitMQ keeps base64 of a 4-byte salt and sha256 of salt and password. */
function hasPassword(user: ActualUser, password: string): boolean {
  if (user.hashing_algorithm !== 'rabbit_password_hashing_sha256') return false;
  const stored = Buffer.from(user.password_hash, 'base64');
  const digest = createHash('sha256').update(stored.subarray(0, 4)).update(password).digest();
  return stored.length === 36 && timingSafeEqual(stored.subarray(4), digest);
}
