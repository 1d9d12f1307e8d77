/** Replay → what the tracker carries out: times as epoch ms, defaults filled in. */
import { nearest } from '../../crds/nearest.ts';
import { problemOf } from '../../tracker/replay/check.ts';
import type { ReplayPlan, ReplaySelector } from '../../tracker/replay/contract.ts';
import { durationMs } from './fields.ts';
import { Problems } from './problems.ts';
import type { Built, View } from './view.ts';
import type { ResourceOf } from './world-index.ts';

type Spec = ResourceOf<'Replay'>['spec'];

/** Without the UID, which is the object's and not the spec's. */
export type TranslatedReplay = Omit<ReplayPlan, 'uid'>;

export function translateReplay(view: View, { metadata, spec }: ResourceOf<'Replay'>): Built {
  const problems = new Problems();
  const { integration, partner, mappingVersion, destination } = spec.selector;
  expectNamed(view, 'Integration', integration, 'spec.selector.integration', problems);
  expectNamed(view, 'Partner', partner, 'spec.selector.partner', problems);
  const found = integration === undefined ? undefined : view.resource('Integration', integration);
  const destinations = found?.spec.destinations.map(({ name }) => name) ?? [];
  if (found && destination !== undefined && !destinations.includes(destination))
    problems.warn(
      'spec.selector.destination',
      `Integration "${integration}" has no destination "${destination}" now`,
      `name one of ${destinations.join(', ')}`,
    );
  // What a Mapping made that is gone can still be found.
  if (mappingVersion && !view.names('Mapping').includes(mappingVersion.name))
    problems.warn(
      'spec.selector.mappingVersion.name',
      `there is no Mapping "${mappingVersion.name}" now`,
      'check the name, if it was not removed',
    );
  const selector = selectorOf(spec, problems);
  const wrong = problemOf(selector);
  if (wrong) problems.invalid('spec.selector', wrong, 'see the reference of Replay');
  if (spec.approvals?.some(({ by }) => by === spec.requestedBy))
    problems.invalid('spec.approvals', `${spec.requestedBy} asks for it`, 'another person must approve');
  const ttlMs =
    spec.ttlAfterFinished === undefined
      ? undefined
      : durationMs(spec.ttlAfterFinished, '7d', 'spec.ttlAfterFinished', problems);
  if (!problems.none) return { problems, parts: {} };
  const { reason, requestedBy, mode = 'DryRun', ratePerSecond, limit, approvals = [], state } = spec;
  const replay: TranslatedReplay = {
    name: metadata.name,
    spec: {
      ...{ reason, requestedBy, mode, selector },
      ...(ratePerSecond !== undefined && { ratePerSecond }),
      ...(limit !== undefined && { limit }),
      ...(ttlMs !== undefined && { ttlMs }),
    },
    approvals: approvals.map(({ by }) => by),
    cancelled: state === 'Cancelled',
  };
  return { problems, parts: {}, replay };
}

function expectNamed(
  view: View,
  kind: 'Integration' | 'Partner',
  name: string | undefined,
  field: string,
  problems: Problems,
): void {
  if (name === undefined || view.resource(kind, name)) return;
  const names = view.names(kind);
  const near = nearest(name, names);
  const remedy = near ? `did you mean "${near}"?` : `name one of: ${names.slice(0, 5).join(', ') || '(there is none)'}`;
  problems.add('ResolvedRefs', 'RefNotFound', field, `there is no ${kind} "${name}"`, remedy);
}

function selectorOf({ selector }: Spec, problems: Problems): ReplaySelector {
  const { since, until, mappingVersion, ...rest } = selector;
  const [from, to] = [timeOf(since, 'since', problems), timeOf(until, 'until', problems)];
  return {
    ...rest,
    ...(mappingVersion && { mapping: mappingVersion }),
    ...(from !== undefined && { since: from }),
    ...(to !== undefined && { until: to }),
  };
}

function timeOf(text: string | undefined, name: string, problems: Problems): number | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (Number.isFinite(at)) return at;
  problems.invalid(`spec.selector.${name}`, `"${text}" is not a time`, 'write it as 2026-11-24T06:00:00Z');
  return undefined;
}
