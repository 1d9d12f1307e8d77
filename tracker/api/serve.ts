/** The API on a port. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { createApp } from './app.ts';
import type { ApiOptions } from './options.ts';

export interface ApiServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Port 0: any that is free. */
export async function serveApi(options: ApiOptions, at: { host: string; port: number }): Promise<ApiServer> {
  const app = createApp(options);
  const server = createServer(
    { requestTimeout: 30_000, headersTimeout: 15_000 },
    getRequestListener((request, env) => app.fetch(request, env as never)),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      app.stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Events end here; their listeners come again to the next.
      server.closeAllConnections();
      await closed;
    },
  };
}
