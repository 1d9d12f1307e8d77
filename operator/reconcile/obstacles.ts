/** What stands against Programmed after a topology was applied, by root. Pure. */
import { inbox } from '../../runtime/names.ts';
import type { RootKey } from '../../runtime/state.ts';
import type { TopologyReport } from '../apply/rabbitmq/apply.ts';
import { parseQueueName } from '../apply/rabbitmq/topology.ts';
import type { Obstacle } from '../status/observation.ts';

/** In order of importance. An object that all share (dead letters, a retry step) stands against all roots. */
export function obstaclesOf(report: TopologyReport, vhost: string): Obstacle[] {
  if (report.otherOwner !== undefined) {
    const message = `virtual host ${vhost} belongs to ${report.otherOwner}; to take it over delete its exchange crossdock-owner:${report.otherOwner}`;
    return [{ status: 'False', reason: 'Conflicted', message }];
  }
  return [
    ...report.foreignPolicies.map(({ policy, kind, queue, keys }) => ({
      ...concerning(queue),
      status: 'False' as const,
      reason: 'ForeignPolicy',
      message: `${kind === 'policy' ? 'policy' : 'operator policy'} ${policy} sets ${keys.join(', ')} on queue ${queue}, which can lose documents: remove it or narrow its pattern`,
    })),
    ...report.conflicts
      .filter(({ resolution }) => resolution === 'Manual')
      .map(({ object, name, field, actual, desired }) => ({
        ...concerning(name),
        status: 'False' as const,
        reason: 'TopologyDiffers',
        message: `${object} ${name} has ${field} ${show(actual)} instead of ${show(desired)}: move its messages, delete it, and it is made anew`,
      })),
    ...report.draining.map(({ queue, counts }) => ({
      ...concerning(queue),
      status: 'False' as const,
      reason: 'Draining',
      message: `queue ${queue}, an older generation, is being drained${counts ? `: ${counts.ready + counts.unacknowledged + counts.deadLettering} messages` : ''}`,
    })),
  ];
}

/** The integration whose inbox or outbox it is. */
export function integrationOf(queue: string): string | undefined {
  const { logical } = parseQueueName(queue);
  const name = logical.slice(0, logical.indexOf(':'));
  return logical === inbox(name) || logical.startsWith(`${name}:out:`) ? name : undefined;
}

function concerning(queue: string): { roots?: RootKey[] } {
  const integration = integrationOf(queue);
  const table = /^(.*):rows$/.exec(parseQueueName(queue).logical)?.[1];
  if (table !== undefined) return { roots: [`ReferenceTable/${table}`] };
  return integration === undefined ? {} : { roots: [`Integration/${integration}`] };
}

const show = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
