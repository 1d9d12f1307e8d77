/** What a person sees of a stage: by kubectl, in the plan, at the broker. */
import { expect } from 'vitest';
import type { Condition } from '../../crds/generated/types.ts';
import type { PlanIndex } from '../../runtime/plan.ts';
import { BROKER_SECRET, PLAN_CONFIG_MAP } from '../../runtime/published.ts';
import type { Stage } from './stage.ts';

export interface Look {
  /** Gives stdout; fails when kubectl does. */
  kubectl(...args: string[]): Promise<string>;
  index(): Promise<PlanIndex>;
  queues(): Promise<string[]>;
  /** `exchange key`, sorted. */
  bindings(queue: string): Promise<string[]>;
  tenantUri(): Promise<string>;
  ready(kind: 'Integration' | 'Mapping' | 'Partner', name: string): Promise<Condition>;
  patch(kind: string, name: string, spec: object): Promise<string>;
}

export function look(at: Stage): Look {
  const kubectl = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await at.plane.kubectl(['-n', at.namespace, ...args]);
    expect(code, stderr).toBe(0);
    return stdout;
  };
  const index = async (): Promise<PlanIndex> =>
    JSON.parse((await at.object('configmaps', PLAN_CONFIG_MAP))!.data!['index.json']!);
  const queues = async (): Promise<string[]> =>
    (await at.broker.management.call<{ name: string }[]>('GET', `/queues/${at.vhost}`)).map(({ name }) => name);
  const bindings = async (queue: string): Promise<string[]> =>
    (
      await at.broker.management.call<{ source: string; routing_key: string }[]>(
        'GET',
        `/queues/${at.vhost}/${encodeURIComponent(queue)}/bindings`,
      )
    )
      .filter(({ source }) => source !== '')
      .map(({ source, routing_key }) => `${source} ${routing_key}`)
      .sort();
  const tenantUri = async (): Promise<string> =>
    Buffer.from((await at.object('secrets', BROKER_SECRET))!.data!.uri!, 'base64').toString();
  const ready = (kind: 'Integration' | 'Mapping' | 'Partner', name: string) =>
    at.condition(kind, name, 'Ready', { status: 'True' });
  const patch = (kind: string, name: string, spec: object) =>
    kubectl('patch', `${kind}.crossdock.dev`, name, '--type=merge', '-p', JSON.stringify({ spec }));
  return { kubectl, index, queues, bindings, tenantUri, ready, patch };
}
