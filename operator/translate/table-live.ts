/** A live ReferenceTable → what keeps its rows: documents, a seed, a queue of its own. */
import type { ReferenceTableSpec } from '../../crds/generated/types.ts';
import { DOCUMENTS, documentKey, queueName, rowsQueue } from '../../runtime/names.ts';
import type { ConnectorPlan, LiveTablePlan, TableEventPlan, TablePlan } from '../../runtime/plan.ts';
import { mergeTopologies, tableQueue } from '../apply/rabbitmq/topology.ts';
import { LIVE_TABLE } from './defaults.ts';
import { eventType } from './document-type.ts';
import { type Asked, expectExpression } from './expressions.ts';
import { durationMs, expectPointer } from './fields.ts';
import { versionOption } from './partner.ts';
import type { Parts } from './parts.ts';
import type { Problems } from './problems.ts';
import { find, resolve, resolveTables } from './references.ts';
import type { Topology } from './translation.ts';
import type { Built, View } from './view.ts';
import { finish } from './view.ts';

export const isLive = (spec: ReferenceTableSpec | undefined): boolean =>
  spec?.events !== undefined || spec?.seed !== undefined;

export function translateLiveTable(
  view: View,
  name: string,
  spec: ReferenceTableSpec,
  key: string[],
  problems: Problems,
): Built<TablePlan> {
  const needs: Parts[] = [];
  const asked: Asked = new Map();
  const events = (spec.events ?? []).map((event, i) => eventOf(view, event, `spec.events[${i}]`, problems, asked));
  const { tables, parts } = standingTables(view, name, asked, problems);
  needs.push(...parts);
  const seed = spec.seed && seedOf(view, spec.seed, problems, needs);
  const reserveForMs = durationMs(spec.reserveFor, LIVE_TABLE.reserveFor, 'spec.reserveFor', problems);
  if (spec.reserveFor !== undefined && !events.some(({ reserve }) => reserve))
    problems.warn('spec.reserveFor', 'no event reserves', 'write reserve: OnValidated at an event, or remove it');
  const { current, draining } = view.queues(rowsQueue(name));
  const live: LiveTablePlan = {
    ...(seed && { seed }),
    events,
    tables,
    reserveForMs,
    ...(spec.staleAfter !== undefined && {
      staleAfterMs: durationMs(spec.staleAfter, '1m', 'spec.staleAfter', problems),
    }),
    whenStale: spec.whenStale ?? LIVE_TABLE.whenStale,
    ...(spec.serve && { serve: serveOf(spec.serve, problems) }),
    queues: [...draining, current].map((generation) => queueName(rowsQueue(name), generation)),
  };
  const plan: TablePlan = { part: 'table', name, key, rows: [], live };
  return {
    ...finish(problems, () => plan, needs),
    ...(problems.none && { topology: liveTopology(plan, versionOption(view)) }),
  };
}

/** The queue of a live table, bound to every document of its events' types. From the plan alone: a last good one keeps it. */
export function liveTopology({ name, live }: TablePlan, version: { brokerVersion?: string }): Topology {
  const { queue, bindings } = tableQueue(name, { ...version, generation: generationOf(live!.queues.at(-1)!) });
  const types = [...new Set(live!.events.map(({ type }) => type))];
  const subscriptions = types.flatMap((type) =>
    (['partner', 'system'] as const).map((origin) => ({
      source: DOCUMENTS,
      destination: queue.name,
      destinationType: 'queue' as const,
      routingKey: documentKey(type, origin, '*'),
    })),
  );
  return mergeTopologies({ exchanges: [], queues: [queue], bindings: [...bindings, ...subscriptions] });
}
const generationOf = (physical: string): number => Number(/#(\d+)$/.exec(physical)?.[1] ?? 1);

function eventOf(
  view: View,
  spec: NonNullable<ReferenceTableSpec['events']>[number],
  field: string,
  problems: Problems,
  asked: Asked,
): TableEventPlan {
  // Only its name: rules of the type may ask this very table.
  const type = find(view, 'DocumentType', spec.documentTypeRef, `${field}.documentTypeRef`, problems);
  expectExpression(spec.keyExpression, `${field}.keyExpression`, problems, asked);
  expectExpression(spec.expression, `${field}.expression`, problems, asked);
  if (spec.each !== undefined) expectPointer(spec.each, `${field}.each`, problems);
  return {
    type: type ? eventType(type.resource.spec) : '',
    ...(spec.each !== undefined && { each: spec.each }),
    keyExpression: spec.keyExpression,
    expression: spec.expression,
    ...(spec.reserve && { reserve: spec.reserve }),
  };
}

/** A row is a function of its own documents. If it depended on rows that change, it would have to change with them. */
function standingTables(view: View, name: string, asked: Asked, problems: Problems) {
  const standing: Asked = new Map();
  for (const [table, field] of asked) {
    const spec = view.resource('ReferenceTable', table)?.spec;
    if (!isLive(spec)) standing.set(table, field);
    else if (table === name)
      problems.add('Accepted', 'Cycle', field, 'a live table cannot ask itself', 'use $row, the row as it stands');
    else {
      const back = asksBack(view, table, name);
      problems.add(
        back ? 'Accepted' : 'ResolvedRefs',
        back ? 'Cycle' : 'RefInvalid',
        field,
        `ReferenceTable "${table}" lives too${back ? `, and asks "${name}": a cycle` : ''}; rows of one live table cannot depend on rows of another`,
        'have the documents of both tables be events of this one, or ask a table that stands still',
      );
    }
  }
  return resolveTables(view, standing, problems);
}

const asksBack = (view: View, table: string, name: string): boolean =>
  JSON.stringify(view.resource('ReferenceTable', table)?.spec ?? {}).includes(`$reference(\\"${name}\\"`);

function seedOf(
  view: View,
  spec: NonNullable<ReferenceTableSpec['seed']>,
  problems: Problems,
  needs: Parts[],
): LiveTablePlan['seed'] {
  const field = 'spec.seed.connectorRef';
  const connector = resolve<'Connector', ConnectorPlan>(view, 'Connector', spec.connectorRef, field, problems);
  if (!connector) return undefined;
  needs.push(connector.parts);
  if (!connector.part.http)
    problems.add(
      'ResolvedRefs',
      'RefInvalid',
      `${field}.name`,
      `Connector "${connector.part.name}" has no http, and a seed is fetched by GET`,
      'name a Connector with http',
    );
  const { path, rows } = spec.http ?? {};
  return { connector: connector.hash, ...(path !== undefined && { path }), ...(rows !== undefined && { rows }) };
}

function serveOf(
  { owner, everyone, fields, ratePerSecond = LIVE_TABLE.ratePerSecond }: NonNullable<ReferenceTableSpec['serve']>,
  problems: Problems,
): LiveTablePlan['serve'] {
  if ((owner === undefined) === (everyone === undefined))
    problems.invalid('spec.serve', owner ? 'owner and everyone together' : 'nobody may see rows', 'set exactly one');
  if (!Array.isArray(fields) || fields.length === 0)
    problems.invalid('spec.serve.fields', 'none', 'name the columns that partners may see');
  return {
    ...(owner && {
      owner: { column: owner.column, ...(owner.identifier && { identifier: { ...owner.identifier } }) },
    }),
    fields: [...new Set(fields ?? [])].sort(),
    ratePerSecond,
  };
}
