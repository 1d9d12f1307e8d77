/** SLAPolicy → what the tracker watches: milestones by name, appointments by document type and place, and whom it tells by which connector. */
import type { ConnectorPlan, DocumentTypePlan } from '../../runtime/plan.ts';
import type { NotifyPlan, ObjectivePlan, PolicyPlan } from '../../tracker/plan.ts';
import { SLA } from './defaults.ts';
import { durationMs, expectPointer, expectUnique } from './fields.ts';
import { Problems } from './problems.ts';
import { expectPlace, oneOfThese } from './process-names.ts';
import { broken, find, resolve } from './references.ts';
import type { Built, View } from './view.ts';
import type { ResourceOf } from './world-index.ts';

type Spec = ResourceOf<'SLAPolicy'>['spec'];
type Process = ResourceOf<'BusinessProcess'>;
type Objective = Spec['objectives'][number];

export function translatePolicy(view: View, resource: ResourceOf<'SLAPolicy'>): Built {
  const problems = new Problems();
  const { spec, metadata } = resource;
  const process = processOf(view, spec, problems);
  expectUnique(spec.objectives, 'spec.objectives', problems);
  const objectives = spec.objectives.map((objective, i) =>
    objectiveOf(view, process, objective, `spec.objectives[${i}]`, problems),
  );
  const notify = (spec.notify ?? []).map((_, i) => notifyOf(view, spec, i, problems));
  const partners = spec.partnerSelector && selected(view, spec.partnerSelector.matchLabels);
  if (partners?.length === 0)
    problems.warn('spec.partnerSelector', 'no Partner has these labels', 'add them to the Partners that it is for');
  warnWithoutCalendar(view, spec, partners, problems);
  if (!problems.none) return { problems, parts: {} };
  const policy: PolicyPlan = {
    name: metadata.name,
    generation: metadata.generation ?? 1,
    process: spec.businessProcessRef.name,
    ...(partners && { partners }),
    objectives,
    notify: notify.filter((one) => one !== undefined),
  };
  return { problems, parts: {}, policy };
}

function processOf(view: View, { businessProcessRef }: Spec, problems: Problems): Process | undefined {
  const field = 'spec.businessProcessRef';
  const found = find(view, 'BusinessProcess', businessProcessRef, field, problems);
  if (!found) return undefined;
  const { name } = found.resource.metadata;
  const built = view.built({ kind: 'BusinessProcess', namespace: found.namespace, name });
  if (built.problems.none) return found.resource;
  broken('BusinessProcess', name, field, built, problems);
  return undefined;
}

function objectiveOf(
  view: View,
  process: Process | undefined,
  objective: Objective,
  field: string,
  problems: Problems,
): ObjectivePlan {
  const { name, from, to, within, before, warnAt } = objective;
  if ((within === undefined) === (before === undefined))
    problems.invalid(field, 'an objective needs exactly one of within, before', 'set one of them');
  if ((within === undefined) !== (from === undefined))
    problems.invalid(field, 'within counts from a milestone', 'set from and within together, or before alone');
  if (process) expectMilestones(process, objective, field, problems);
  const ms = within === undefined ? 0 : durationMs(within, '1d', `${field}.within`, problems);
  if (within !== undefined && ms === 0) problems.invalid(`${field}.within`, 'no time at all', 'write e.g. 24h');
  if (within !== undefined && ms > SLA.longestMs)
    problems.invalid(`${field}.within`, `${within} is longer than five years`, 'write less');
  return {
    name,
    to,
    ...(from !== undefined && within !== undefined && { within: { from, ms } }),
    ...(before && { before: appointment(view, process, before, `${field}.before`, problems) }),
    clock: objective.clock ?? SLA.clock,
    calendar: objective.calendar ?? SLA.calendar,
    ...(warnAt !== undefined && { warnAt: Number.parseInt(warnAt, 10) }),
    severity: objective.severity ?? SLA.severity,
  };
}

function expectMilestones({ spec }: Process, { from, to }: Objective, field: string, problems: Problems): void {
  const names = spec.milestones.map(({ name }) => name);
  for (const [at, name] of Object.entries({ from, to }))
    if (name !== undefined && !names.includes(name))
      problems.invalid(`${field}.${at}`, `there is no milestone "${name}"`, oneOfThese(name, names));
  if (from === undefined) return;
  if (from === to) problems.invalid(`${field}.to`, `"${to}" is where the clock starts`, 'name a later milestone');
  else if (precedes(spec.milestones, to, from))
    problems.invalid(
      `${field}.to`,
      `"${to}" always comes before "${from}" (by \`after\` of the milestones), so it is never late`,
      'exchange from and to',
    );
  else if (names.includes(to) && names.indexOf(to) < names.indexOf(from))
    problems.warn(`${field}.to`, `the process names "${to}" before "${from}"`, 'see whether from and to are exchanged');
}

/** Whether `one` is reached before `other` can be. */
function precedes(milestones: Process['spec']['milestones'], one: string, other: string): boolean {
  const seen = new Set<string>();
  const waiting = [other];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    for (const before of milestones.find((each) => each.name === name)?.after ?? []) {
      if (before === one) return true;
      if (!seen.has(before)) waiting.push(before);
      seen.add(before);
    }
  }
  return false;
}

function appointment(
  view: View,
  process: Process | undefined,
  { documentTypeRef, field: pointer, by }: NonNullable<Objective['before']>,
  field: string,
  problems: Problems,
): NonNullable<ObjectivePlan['before']> {
  const byMs = by === undefined ? 0 : durationMs(by, '0s', `${field}.by`, problems);
  if (byMs > SLA.longestMs) problems.invalid(`${field}.by`, `${by} is longer than five years`, 'write less');
  expectPointer(pointer, `${field}.field`, problems);
  const at = `${field}.documentTypeRef`;
  const type = resolve<'DocumentType', DocumentTypePlan>(view, 'DocumentType', documentTypeRef, at, problems);
  if (!type) return { type: '', field: pointer, byMs };
  const keyName = process?.spec.keyName;
  if (keyName !== undefined && !type.part.keys.some((key) => key.name === keyName))
    problems.invalid(
      `${at}.name`,
      `DocumentType "${type.part.name}" has no key "${keyName}", so nobody knows to which transaction its documents belong`,
      'name one that belongs to the process',
    );
  expectPlace(type.part.schema, pointer, `${field}.field`, problems);
  return { type: type.part.type, field: pointer, byMs };
}

const WAYS = ['webhook', 'alertmanager', 'mail'] as const;
function notifyOf(view: View, spec: Spec, i: number, problems: Problems): NotifyPlan | undefined {
  const field = `spec.notify[${i}]`;
  const notify = spec.notify![i]!;
  const given = WAYS.filter((way) => notify[way] !== undefined);
  if (given.length > 1) problems.invalid(field, `${given.join(' and ')} together`, 'a recipient is told in one way');
  const events = notify.events ?? [...SLA.events];
  const repeat = notify.repeatEvery ?? (notify.alertmanager ? SLA.alertmanagerRepeat : undefined);
  const repeatEveryMs = repeat === undefined ? undefined : durationMs(repeat, '1d', `${field}.repeatEvery`, problems);
  if (repeatEveryMs !== undefined && repeatEveryMs < SLA.leastRepeatMs)
    problems.invalid(`${field}.repeatEvery`, `${repeat} is too often`, 'write 10s or more');
  if (notify.repeatEvery !== undefined && !events.includes('Breach'))
    problems.invalid(`${field}.repeatEvery`, 'it repeats breaches, which are not told', 'add Breach to events');
  const at = `${field}.connectorRef`;
  const found = resolve<'Connector', ConnectorPlan>(view, 'Connector', notify.connectorRef, at, problems);
  if (!found) return undefined;
  const connector = found.part;
  const wrong = (message: string, remedy: string) =>
    problems.add('ResolvedRefs', 'RefInvalid', `${at}.name`, `Connector "${connector.name}" ${message}`, remedy);
  if (connector.mail) {
    if (!notify.mail || given.length > 1)
      wrong('is a mail server', 'write mail: {to: [operations@example.com]}, and nothing else');
  } else if (!connector.http) wrong('is neither http nor mail', 'name a Connector with spec.http or spec.mail');
  else if (notify.mail) wrong('is no mail server', 'name a Connector with spec.mail, or take mail out');
  return {
    connector,
    events: [...events].sort(),
    ...(repeatEveryMs !== undefined && { repeatEveryMs }),
    ...(notify.mail
      ? { mail: { to: [...notify.mail.to] } }
      : notify.alertmanager
        ? { alertmanager: { path: notify.alertmanager.path ?? SLA.alertmanagerPath } }
        : { webhook: { ...notify.webhook } }),
  };
}

const selected = (view: View, labels: Readonly<Record<string, string>>): string[] =>
  view
    .names('Partner')
    .filter((name) => {
      const own = view.resource('Partner', name)?.metadata.labels ?? {};
      return Object.entries(labels).every(([label, value]) => own[label] === value);
    })
    .sort();

/** Without any calendar every hour counts, which is rarely meant. */
function warnWithoutCalendar(view: View, spec: Spec, partners: string[] | undefined, problems: Problems): void {
  const [ours] = view.names('Organization');
  if (ours !== undefined && view.resource('Organization', ours)?.spec?.calendar) return;
  const without = (name: string): boolean => {
    const own = view.resource('Partner', name)?.spec;
    if (own?.calendar) return false;
    const profile = own?.profileRef;
    return !(
      profile && view.resource('PartnerProfile', profile.name, profile.namespace ?? view.namespace)?.spec?.calendar
    );
  };
  spec.objectives.forEach(({ clock, calendar }, i) => {
    if (clock !== 'WorkingTime') return;
    const field = `spec.objectives[${i}].clock`;
    if (calendar === 'Organization')
      problems.warn(field, 'the Organization has no calendar: every hour counts', 'add spec.calendar to it');
    else {
      const [first, ...others] = (partners ?? view.names('Partner')).filter(without);
      if (first === undefined) return;
      const more = others.length > 0 ? ` and ${others.length} more have` : ' has';
      problems.warn(
        field,
        `Partner "${first}"${more} no calendar, nor has the Organization: every hour counts`,
        'add spec.calendar to the Partner, its profile, or the Organization',
      );
    }
  });
}
