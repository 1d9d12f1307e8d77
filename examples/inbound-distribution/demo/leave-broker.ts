/** Removes what a demo made on somebody else's broker: its virtual host and its user. */
export async function leaveBroker(management: string, namespace: string): Promise<void> {
  const { username, password, origin } = new URL(management);
  const authorization = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
  for (const path of [`vhosts/crossdock.${namespace}`, `users/crossdock-${namespace}`]) {
    const response = await fetch(`${origin}/api/${path}`, {
      method: 'DELETE',
      headers: { authorization },
      signal: AbortSignal.timeout(20_000),
    });
    if (!response.ok && response.status !== 404)
      throw new Error(`left on the broker: ${path} (answered ${response.status})`);
  }
}
