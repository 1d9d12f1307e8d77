/**
 * The parts that all test files of a run share: one RabbitMQ of each version, one PostgreSQL, one control plane. The main process of the run
 * owns them and starts each when the first test file asks for it, over a Unix socket whose path is in the environment.
 */
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import type { BrokerMajor } from '../../standalone/broker-program.ts';
import { temporaryFolder } from '../../standalone/cache.ts';
import { removeAtExit, removeFolder } from '../../standalone/process.ts';
import type { ControlPlaneAccess } from './control-plane.ts';

interface BrokerAccess {
  uri: string;
  managementUri: string;
  version: string;
  pid: number;
}
export interface SharedParts {
  /** Of the version that is easiest to have on this machine. */
  broker: BrokerAccess;
  'broker-3': BrokerAccess;
  'broker-4': BrokerAccess;
  database: { url: string; version: string; pid: number };
  'control-plane': ControlPlaneAccess;
}
export type PartName = keyof SharedParts;

const SOCKET_VARIABLE = 'CROSSDOCK_TEST_PARTS';

interface Running<Name extends PartName> {
  access: SharedParts[Name];
  stop(): Promise<void>;
}

const log = (line: string) => process.stderr.write(`[parts] ${line}\n`);

async function broker(major?: BrokerMajor): Promise<{ access: BrokerAccess; stop(): Promise<void> }> {
  const { obtainBroker, startPrivateBroker } = await import('../../standalone/broker.ts');
  const own = await startPrivateBroker({ log, program: await obtainBroker(log, major) });
  const { uri, managementUri, version, pid } = own;
  return { access: { uri, managementUri, version, pid }, stop: () => own.stop() };
}

/** Loaded only when asked for: a run without real parts pays nothing. */
const starters: { [Name in PartName]: () => Promise<Running<Name>> } = {
  broker: () => broker(),
  'broker-3': () => broker('3'),
  'broker-4': () => broker('4'),
  async database() {
    const { startPrivateDatabase } = await import('../../standalone/database.ts');
    const database = await startPrivateDatabase({ log, fsync: false });
    const { url, version, pid } = database;
    return { access: { url, version, pid }, stop: () => database.stop() };
  },
  async 'control-plane'() {
    const { accessOf, startControlPlane } = await import('./control-plane.ts');
    const plane = await startControlPlane({ log, controllers: true });
    return { access: accessOf(plane), stop: () => plane.stop() };
  },
};

const running = new Map<PartName, Promise<Running<PartName>>>();

function start<Name extends PartName>(name: Name): Promise<Running<Name>> {
  let part = running.get(name) as Promise<Running<Name>> | undefined;
  if (part === undefined) {
    part = starters[name]();
    running.set(name, part as Promise<Running<PartName>>);
  }
  return part;
}

/** Called by the main process of a run, once for each project; gives the take-down. The projects share the parts. */
export async function serveParts(): Promise<() => Promise<void>> {
  if (process.env[SOCKET_VARIABLE] !== undefined) return async () => {};
  const folder = temporaryFolder('parts');
  removeAtExit(folder);
  const server = createServer(async (incoming, outgoing) => {
    const name = incoming.url?.slice(1) as PartName;
    try {
      if (!(name in starters)) throw new Error(`no part is called ${name}`);
      outgoing.end(JSON.stringify((await start(name)).access));
    } catch (error) {
      outgoing.statusCode = 500;
      outgoing.end((error as Error).message);
    }
  });
  server.requestTimeout = 0;
  const socket = join(folder, 'socket');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  process.env[SOCKET_VARIABLE] = socket;
  return async () => {
    delete process.env[SOCKET_VARIABLE];
    server.close();
    server.closeAllConnections();
    const parts = await Promise.allSettled(running.values());
    await Promise.all(parts.map((part) => (part.status === 'fulfilled' ? part.value.stop() : undefined)));
    removeFolder(folder);
  };
}

/** The run's part, started if nobody asked for it before. Outside a run: one of this process, which ends with it. */
export async function sharedPart<Name extends PartName>(name: Name): Promise<SharedParts[Name]> {
  const socketPath = process.env[SOCKET_VARIABLE];
  if (socketPath === undefined) return (await start(name)).access;
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path: `/${name}` }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(JSON.parse(body) as SharedParts[Name]);
        else reject(new Error(`the part ${name} cannot be had: ${body}`));
      });
    });
    asking.on('error', reject);
    asking.end();
  });
}
