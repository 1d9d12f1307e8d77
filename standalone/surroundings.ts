/** What a folder's resources say of themselves, and holds that people make: as an API server would tell it, in one process. */
import { randomBytes } from 'node:crypto';
import type { Hold, Resource } from '../crds/generated/types.ts';
import { validate } from '../crds/validate.ts';
import type { ManagementClient } from '../operator/apply/rabbitmq/client.ts';
import type { NamespaceTranslation } from '../operator/translate/translation.ts';
import type { RuntimeState } from '../runtime/state.ts';
import type { Condition, HoldRequest } from '../tracker/api/contract.ts';
import { ApiError } from '../tracker/api/problem.ts';
import type { Known, Surroundings } from '../tracker/api/surroundings.ts';

export interface Around {
  resources(): Iterable<Resource>;
  translation(): NamespaceTranslation | undefined;
  state(): RuntimeState | undefined;
  management: ManagementClient;
  vhost(): string;
  /** Brings the holds that there are now into force. */
  apply(): Promise<void>;
}

const KINDS: readonly string[] = ['Integration', 'Partner', 'Connector', 'Hold'];

/** Holds are kept by this process alone: with it they are gone. */
export class DevSurroundings implements Surroundings {
  readonly holds = new Map<string, { hold: Hold; by: string; createdAt: string }>();
  readonly #around: Around;

  constructor(around: Around) {
    this.#around = around;
  }

  async read(): Promise<Known[]> {
    return [...this.#around.resources()]
      .filter(({ kind }) => KINDS.includes(kind))
      .map((resource) => this.#known(resource));
  }

  async queues() {
    const queues = await this.#around.management.queues(this.#around.vhost());
    return queues.map(({ name, messages = 0 }) => ({ name, messages }));
  }

  async hold({ targetKind, targetName, direction, reason, until }: HoldRequest, by: string): Promise<Known> {
    const name = `hold-${randomBytes(4).toString('hex')}`;
    const hold = {
      apiVersion: 'crossdock.dev/v1alpha1',
      kind: 'Hold',
      metadata: { name },
      spec: {
        targetRef: { kind: targetKind, name: targetName },
        reason,
        ...(direction && { direction }),
        ...(until !== undefined && { until }),
      },
    } as Hold;
    const [problem] = validate(hold, undefined);
    if (problem) throw new ApiError(422, problem.message);
    this.holds.set(name, { hold, by, createdAt: new Date().toISOString() });
    await this.#around.apply();
    return this.#known(hold);
  }

  async endHold(name: string): Promise<boolean> {
    if (!this.holds.delete(name)) {
      const declared = [...this.#around.resources()].some((one) => one.kind === 'Hold' && one.metadata.name === name);
      if (declared) throw new ApiError(409, `Hold ${name} is a file of the folder: remove it there`);
      return false;
    }
    await this.#around.apply();
    return true;
  }

  #known(resource: Resource): Known {
    const { kind, metadata, spec } = resource;
    const { name } = metadata;
    const own = this.holds.get(name);
    return {
      kind: kind as Known['kind'],
      name,
      spec: spec as unknown as Known['spec'],
      conditions: this.#conditions(kind, name),
      ...(kind === 'Hold' && own && { by: own.by, createdAt: own.createdAt }),
    };
  }

  /** Verdicts of the translation, with what the runtime tells of its roots. */
  #conditions(kind: string, name: string): Condition[] {
    const translated = this.#around.translation()?.translations.find((one) => one.kind === kind && one.name === name);
    const verdicts = (translated?.conditions ?? []).map(({ type, status, reason, message }) => ({
      type,
      status,
      reason,
      message,
    }));
    const wrong = verdicts.find(({ type, status }) => (type === 'Conflicted' ? status === 'True' : status === 'False'));
    const root = this.#around.state()?.roots[`${kind as 'Integration'}/${name}`];
    const isRoot = kind === 'Integration' || kind === 'Partner';
    const ready = (status: Condition['status'], reason: string, message: string): Condition => ({
      type: 'Ready',
      status,
      reason,
      message,
    });
    if (wrong) return [...verdicts, ready('False', wrong.reason, wrong.message)];
    if (!isRoot) return [...verdicts, ready('True', 'Ready', '')];
    if (!root) return [...verdicts, ready('Unknown', 'Pending', 'the runtime does not know it yet')];
    if (root.rejected) return [...verdicts, ready('False', 'PlanRejected', root.rejected.message)];
    if (root.state === 'Failed')
      return [...verdicts, ready('False', 'Failed', root.message ?? root.lastError?.message ?? '')];
    const degraded = root.health === 'Degraded';
    return [
      ...verdicts,
      ...(degraded
        ? [
            {
              type: 'Degraded',
              status: 'True' as const,
              reason: 'Degraded',
              message: root.message ?? root.lastError?.message ?? '',
            },
          ]
        : []),
      ready('True', 'Ready', ''),
    ];
  }
}
