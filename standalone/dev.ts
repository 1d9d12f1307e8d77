/**
 * Everything in one process for a folder of YAML: the translator, the topology's applier, a runtime and a tracker that the cluster has
 * too. Only where resources come from and where plans go to differs. The folder is read again on each save.
 */
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { watch } from 'chokidar';
import type pg from 'pg';
import type { Folder } from '../crds/folder.ts';
import { loadFolder } from '../crds/folder.ts';
import type { Resource } from '../crds/generated/types.ts';
import { validate } from '../crds/validate.ts';
import { applyTopology, type TopologyReport } from '../operator/apply/rabbitmq/apply.ts';
import { type ManagementClient, managementClient } from '../operator/apply/rabbitmq/client.ts';
import { ensureTenant } from '../operator/apply/rabbitmq/namespace.ts';
import { parseQueueName } from '../operator/apply/rabbitmq/topology.ts';
import { type InForce, type NextPlan, nextPlan } from '../operator/reconcile/last-good.ts';
import { createTranslator } from '../operator/translate/translate.ts';
import type { NamespaceTranslation, World } from '../operator/translate/translation.ts';
import { worldOf } from '../operator/translate/world.ts';
import { connectBroker } from '../runtime/broker/amqp.ts';
import type { Broker } from '../runtime/broker/broker.ts';
import type { Guards } from '../runtime/pipeline/pool.ts';
import { EVERY_POOL } from '../runtime/pipeline/wanted.ts';
import type { Part } from '../runtime/plan.ts';
import { type Runtime, startRuntime } from '../runtime/runtime.ts';
import { type FolderSecrets, folderSecrets } from '../runtime/secrets.ts';
import type { RuntimeState } from '../runtime/state.ts';
import type { Log } from '../runtime/telemetry/log.ts';
import type { ApiOptions } from '../tracker/api/options.ts';
import { type ApiServer, serveApi } from '../tracker/api/serve.ts';
import { openTrackerDatabase } from '../tracker/store.ts';
import { startWholeTracker, type WholeTracker } from '../tracker/whole.ts';
import { DevSurroundings } from './surroundings.ts';

export interface DevOptions {
  folder: string;
  /** An administrator's `amqp://` and `http://` of a RabbitMQ. */
  brokerUri: string;
  managementUri: string;
  databaseUrl: string;
  http: { host: string; port: number };
  admin: { host: string; port: number };
  /** The tracker's API and the console; absent: not served. */
  console?: { host: string; port: number; folder?: string } & Pick<ApiOptions, 'login' | 'publicUrl'>;
  log: Log;
  /** After each reading of the folder. */
  onReload(reload: Reload): void;
  guards?: Guards;
}
export interface Reload {
  folder: Folder;
  translation: NamespaceTranslation;
  /** Roots that stay on their last good version. */
  kept: string[];
  topology: TopologyReport;
  ms: number;
}
export interface Dev {
  readonly namespace: string;
  readonly httpPort: number;
  readonly adminPort: number;
  /** undefined: not served. */
  readonly consolePort: number | undefined;
  readonly brokerUri: string;
  readonly database: pg.Pool;
  /** What the runtime tells of itself. */
  readonly state: RuntimeState;
  stop(): Promise<void>;
}

/** The topology is looked at again so often: what a person deleted comes back. */
const DRIFT_MS = 15_000;
/** Editors write a file in several steps. */
const SETTLE_MS = 50;

export async function startDev(options: DevOptions): Promise<Dev> {
  const first = await loadFolder(options.folder);
  const dev = new Development(options, first.namespace);
  await dev.start(first);
  return dev;
}

class Development implements Dev {
  readonly namespace: string;
  brokerUri = '';
  readonly #options: DevOptions;
  readonly #management: ManagementClient;
  readonly #translator = createTranslator();
  readonly #secrets: FolderSecrets = folderSecrets();
  #vhost = '';
  #version = '';
  #runtime: Runtime | undefined;
  #tracker: WholeTracker | undefined;
  #journalBroker: Broker | undefined;
  readonly #surroundings: DevSurroundings;
  #api: ApiServer | undefined;
  #folder: Folder | undefined;
  #database: pg.Pool | undefined;
  #inForce: (InForce & Pick<NextPlan, 'tracker'>) | undefined;
  #world: World | undefined;
  #translation: NamespaceTranslation | undefined;
  #topology: TopologyReport | undefined;
  /** By `Kind/name`: what an API server would hold. */
  #accepted = new Map<string, Resource>();
  #turn: Promise<void> = Promise.resolve();
  #drift: NodeJS.Timeout | undefined;
  #watcher: ReturnType<typeof watch> | undefined;
  #settle: NodeJS.Timeout | undefined;

  constructor(options: DevOptions, namespace: string) {
    this.#options = options;
    this.namespace = namespace;
    this.#management = managementClient({ uri: options.managementUri });
    this.#surroundings = new DevSurroundings({
      resources: () => this.#resources(),
      translation: () => this.#translation,
      state: () => this.#runtime?.state,
      management: this.#management,
      vhost: () => this.#vhost,
      apply: () => this.#applyHolds(),
    });
  }
  get httpPort(): number {
    return this.#runtime!.httpPort;
  }
  get adminPort(): number {
    return this.#runtime!.adminPort;
  }
  get consolePort(): number | undefined {
    return this.#api?.port;
  }
  get state(): RuntimeState {
    return this.#runtime!.state;
  }
  get database(): pg.Pool {
    return this.#database!;
  }

  async start(first: Folder): Promise<void> {
    const { log, databaseUrl, http, admin, folder, guards } = this.#options;
    const { namespace } = this;
    this.#version = (await this.#management.overview()).version;
    const tenant = await ensureTenant(this.#management, {
      namespace,
      user: `crossdock-${namespace}`,
      password: randomBytes(16).toString('hex'),
      amqpUri: this.#options.brokerUri,
    });
    this.#vhost = tenant.vhost;
    this.brokerUri = tenant.uri;
    this.#database = await openTrackerDatabase(databaseUrl);
    this.#runtime = await startRuntime({
      namespace,
      pool: EVERY_POOL,
      pod: `dev-${process.pid}`,
      brokerUri: tenant.uri,
      databaseUrl,
      secrets: this.#secrets,
      log,
      http,
      admin,
      ...(guards && { guards }),
    });
    await this.#reload(first);
    this.#journalBroker = await connectBroker({ uri: tenant.uri, name: 'crossdock-tracker dev', log });
    this.#tracker = startWholeTracker({
      namespace,
      broker: this.#journalBroker,
      database: this.#database,
      access: { uri: tenant.uri },
      log,
      secrets: this.#secrets,
    });
    this.#tracker.use(this.#inForce!.tracker);
    await this.#serve();
    this.#drift = setInterval(() => void this.#inTurn(() => this.#look()), DRIFT_MS);
    this.#watcher = watch(folder, {
      ignoreInitial: true,
      ignored: (path) => /(^|\/)(\.|node_modules)/.test(path.slice(folder.length)),
    });
    this.#watcher.on('all', () => {
      clearTimeout(this.#settle);
      this.#settle = setTimeout(() => void this.#inTurn(async () => this.#reload(await loadFolder(folder))), SETTLE_MS);
    });
  }

  async stop(): Promise<void> {
    clearInterval(this.#drift);
    clearTimeout(this.#settle);
    await this.#watcher?.close();
    await this.#turn;
    await this.#api?.stop();
    await this.#runtime?.stop();
    await this.#tracker?.stop();
    await this.#journalBroker?.close();
    await this.#database?.end();
    await this.#management.close();
  }

  /** One after another; a failure is told and the next turn tries again. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work).catch((error: Error) => {
      this.#options.log.error('not applied; trying again at the next change or look', { error: error.message });
    });
    return this.#turn;
  }

  async #serve(): Promise<void> {
    const { console: at, log } = this.#options;
    if (!at) return;
    const { host, port, folder, ...how } = at;
    const database = this.#database!;
    this.#api = await serveApi(
      {
        ...how,
        namespace: this.namespace,
        database,
        log,
        plan: () => this.#inForce?.tracker,
        office: () => this.#tracker?.office,
        surroundings: this.#surroundings,
        ...(folder !== undefined && { console: folder }),
        troubles: () => [this.#tracker?.trouble].flatMap((trouble) => trouble ?? []),
      },
      { host, port },
    );
  }

  #resources(): Resource[] {
    return [...this.#accepted.values(), ...[...this.#surroundings.holds.values()].map(({ hold }) => hold)];
  }

  /** In turn with what is read from the folder; fails where the holds cannot be applied now. */
  async #applyHolds(): Promise<void> {
    let failure: Error | undefined;
    await this.#inTurn(async () => {
      try {
        this.#world = this.#worldOf(this.#folder!);
        await this.#repair();
        await this.#bringIntoForce();
      } catch (error) {
        failure = error as Error;
        throw error;
      }
    });
    if (failure) throw failure;
  }

  #worldOf(folder: Folder): World {
    const given = { namespace: this.namespace, brokerVersion: this.#version };
    return worldOf({ ...folder, resources: this.#resources() }, given);
  }

  async #reload(folder: Folder): Promise<void> {
    const started = performance.now();
    this.#accepted = admit(folder.resources, this.#accepted);
    this.#folder = folder;
    this.#world = this.#worldOf(folder);
    const topology = await this.#repair();
    this.#secrets.replace(
      Object.entries(folder.secrets).map(([name, values]) => ({
        metadata: { name },
        stringData: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value.reveal()])),
      })),
    );
    const kept = await this.#bringIntoForce();
    const translation = this.#translation!;
    this.#options.onReload({ folder, translation, kept, topology, ms: performance.now() - started });
  }

  /** Repairs drift; a generation that came or went by it changes the plan. */
  async #look(): Promise<void> {
    const before = this.#translation;
    await this.#repair();
    if (!isDeepStrictEqual(before?.index, this.#translation?.index)) await this.#bringIntoForce();
  }

  async #bringIntoForce(): Promise<string[]> {
    const { index, texts, kept, tracker } = nextPlan(this.#translation!, this.#inForce);
    const parts = Object.fromEntries([...texts].map(([hash, text]) => [hash, JSON.parse(text) as Part]));
    await this.#runtime!.apply({ index, parts });
    this.#inForce = { index, texts, tracker };
    this.#tracker?.use(tracker);
    return kept;
  }

  /** Translates for the queue generations that there are, and makes the vhost so. A new generation is translated for at once. */
  async #repair(): Promise<TopologyReport> {
    for (;;) {
      const generations = this.#topology?.generations ?? {};
      const draining = Object.groupBy(this.#topology?.draining ?? [], ({ logical }) => logical);
      this.#translation = this.#translator.translate({
        ...this.#world!,
        generations,
        draining: Object.fromEntries(
          Object.entries(draining).map(([name, all]) => [
            name,
            all!.map(({ queue }) => parseQueueName(queue).generation),
          ]),
        ),
      });
      const report = await applyTopology(this.#management, this.#vhost, this.#translation.topology, {
        owner: `dev-${this.namespace}`,
        previous: this.#topology,
      });
      this.#topology = report;
      if (isDeepStrictEqual(report.generations, generations)) return report;
    }
  }
}

/** As an API server does: a change that is not valid is refused, and the object stays what it was. */
function admit(resources: readonly Resource[], before: ReadonlyMap<string, Resource>): Map<string, Resource> {
  const accepted = new Map<string, Resource>();
  for (const resource of resources) {
    const key = `${resource.kind}/${resource.metadata.name}`;
    const old = before.get(key);
    const now = validate(resource, old).length === 0 ? resource : old;
    if (now) accepted.set(key, now);
  }
  return accepted;
}
