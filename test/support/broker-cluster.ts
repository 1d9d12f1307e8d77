/** A RabbitMQ 4 of three nodes on this machine, behind one address as a Service would be. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import {
  type BrokerIdentity,
  obtainBroker,
  type PrivateBroker,
  startEpmd,
  startPrivateBroker,
} from '../../standalone/broker.ts';
import { temporaryFolder } from '../../standalone/cache.ts';
import { freePort, removeAtExit, removeFolder } from '../../standalone/process.ts';

export interface ClusterNode extends PrivateBroker {
  readonly node: string;
}
export interface TestCluster {
  readonly nodes: ClusterNode[];
  /** Through an address that leads to any node which answers. */
  readonly uri: string;
  readonly managementUri: string;
  readonly version: string;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startBrokerCluster(size = 3): Promise<TestCluster> {
  const program = await obtainBroker(undefined, '4');
  if (program.kind !== 'server') throw new Error('a cluster of nodes needs RabbitMQ as a program, not in a container');
  const root = temporaryFolder('cluster');
  removeAtExit(root);
  const epmdPort = await freePort();
  const epmd = startEpmd(program, epmdPort, root);
  const [user, password] = ['crossdock', randomBytes(16).toString('hex')];
  const identities: BrokerIdentity[] = [];
  for (let index = 0; index < size; index++) {
    const node = `crossdock-${index}@localhost`;
    identities.push({ node, user, password, amqpPort: await freePort(), managementPort: await freePort() });
  }
  const cluster = { nodes: identities.map(({ node }) => node), cookie: randomBytes(16).toString('hex'), epmdPort };
  const start = async (identity: BrokerIdentity): Promise<ClusterNode> => {
    const dataDir = join(root, identity.node);
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(join(dataDir, 'identity.json'), JSON.stringify(identity), { mode: 0o600 });
    return Object.assign(await startPrivateBroker({ dataDir, program, cluster }), { node: identity.node });
  };
  const nodes = await Promise.all(identities.map(start));
  const amqp = await serviceOver(() => identities.map(({ amqpPort }) => amqpPort));
  const management = await serviceOver(() => identities.map(({ managementPort }) => managementPort));
  return {
    nodes,
    uri: `amqp://${user}:${password}@127.0.0.1:${amqp.port}`,
    managementUri: `http://${user}:${password}@127.0.0.1:${management.port}`,
    version: nodes[0]!.version,
    async [Symbol.asyncDispose]() {
      for (const service of [amqp, management]) service.close();
      await Promise.all(nodes.map((node) => node.kill()));
      await epmd.kill();
      removeFolder(root);
    },
  };
}

/** Each connection goes to the next port that takes it; none does: it is reset. */
async function serviceOver(ports: () => number[]): Promise<{ port: number; close(): void }> {
  let turn = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    client.on('error', () => {});
    open.add(client);
    client.once('close', () => open.delete(client));
    const targets = ports();
    const first = turn++;
    const dial = (tried: number): void => {
      if (tried === targets.length || client.destroyed) return void client.resetAndDestroy();
      const upstream = connect(targets[(first + tried) % targets.length]!, '127.0.0.1');
      upstream.once('error', () => {
        if (upstream.bytesRead === 0 && client.bytesRead === 0) dial(tried + 1);
        else client.destroy();
      });
      upstream.once('connect', () => {
        client.pipe(upstream).pipe(client);
        client.once('close', () => upstream.destroy());
        upstream.once('close', () => client.destroy());
      });
    };
    dial(0);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
