/** What the tracker is to do: the new translation, with the last good plan of each resource whose new one is broken. Pure. */
import { canonicalJson, sha256Hex } from '../../runtime/canonical.ts';
import type { CalendarPlan, SlaPlan, TrackerPlan } from '../../tracker/plan.ts';
import type { NamespaceTranslation, Translation } from '../translate/translation.ts';

export function nextTrackerPlan(
  { translations }: Pick<NamespaceTranslation, 'translations'>,
  inForce: TrackerPlan | undefined,
): TrackerPlan {
  const processes = translations.flatMap(({ kind, name, process }) => {
    if (kind !== 'BusinessProcess') return [];
    return process ?? inForce?.processes.find((last) => last.name === name) ?? [];
  });
  const sla = nextSla(translations, inForce?.sla);
  return { processes: processes.sort(byName), ...(sla && { sla }) };
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

/** Calendars of equal content are there once: a thousand partners may have the same hours. */
function nextSla(translations: readonly Translation[], inForce: SlaPlan | undefined): SlaPlan | undefined {
  const policies = translations.flatMap(({ kind, name, policy }) => {
    if (kind !== 'SLAPolicy') return [];
    return policy ?? inForce?.policies.find((last) => last.name === name) ?? [];
  });
  if (policies.length === 0) return undefined;
  const calendars: Record<string, CalendarPlan> = {};
  const keep = ({ calendar, conditions }: Translation, last: string | undefined): string | undefined => {
    const broken = conditions.some(({ type, status }) => type !== 'Conflicted' && status === 'False');
    const plan = calendar ?? (broken && last !== undefined ? inForce?.calendars[last] : undefined);
    if (!plan) return undefined;
    const hash = sha256Hex(canonicalJson(plan)).slice(0, 12);
    calendars[hash] = plan;
    return hash;
  };
  const partners: Record<string, string> = {};
  let organization: string | undefined;
  for (const one of [...translations].sort(byName)) {
    if (one.kind === 'Organization') organization ??= keep(one, inForce?.organization);
    if (one.kind !== 'Partner') continue;
    const hash = keep(one, inForce?.partners[one.name]);
    if (hash !== undefined) partners[one.name] = hash;
  }
  return { policies: policies.sort(byName), calendars, ...(organization !== undefined && { organization }), partners };
}
