import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

export interface Proxy {
  /** The given URI, through the proxy. */
  readonly uri: string;
  /** Resets all connections. New ones are accepted. */
  cut(): void;
  /** Forwards nothing any more, and closes nothing: a dead peer behind a live line. */
  blackhole(on: boolean): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Between a client and the broker of the URI. `at`: where it listens; a free port of 127.0.0.1 if not given. */
export async function proxyTo(uri: string, at = { host: '127.0.0.1', port: 0 }): Promise<Proxy> {
  const target = new URL(uri);
  const sockets = new Set<Socket>();
  let swallow = false;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('data', (chunk) => {
        if (!swallow) to.write(chunk);
      });
      from.on('close', () => {
        sockets.delete(from);
        if (!swallow) to.destroy();
      });
    }
  });
  server.listen(at.port, at.host);
  await once(server, 'listening');
  const through = new URL(uri);
  through.hostname = at.host;
  through.port = String((server.address() as AddressInfo).port);
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const close = async () => {
    cut();
    server.close();
    await once(server, 'close');
  };
  return {
    uri: through.href,
    cut,
    blackhole(on) {
      swallow = on;
      // What was swallowed is missing from the streams: those connections can only die.
      if (!on) cut();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
