import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { expect, it } from 'vitest';
import { BLOCKED, reach } from './reach.ts';

it.each([
  'http://169.254.169.254/latest',
  'https://169.254.169.254',
  'http://2852039166',
  'http://[::ffff:169.254.169.254]',
  'https://[fe80::1]',
  'http://[fd00:ec2::254]',
])('goes to no link-local address: %s', async (url) => {
  const agent = new Agent({ connect: reach(1_000) });
  await expect(request(url, { dispatcher: agent })).rejects.toMatchObject({ code: BLOCKED });
  await agent.destroy();
});

it('goes elsewhere, by name and by address', async () => {
  const server = createServer((_, response) => response.end('here')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ connect: reach(1_000) });
  for (const host of ['127.0.0.1', 'localhost'])
    expect((await request(`http://${host}:${port}`, { dispatcher: agent })).statusCode).toBe(200);
  await agent.destroy();
  server.close();
});
