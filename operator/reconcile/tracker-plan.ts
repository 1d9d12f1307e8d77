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
  const counted = processes.some(({ matches }) => matches.some(({ exception }) => exception.calendar !== undefined));
  const sla = nextSla(translations, inForce?.sla, counted);
  const replays = translations.flatMap(({ kind, name, replay }) => {
    if (kind !== 'Replay') return [];
    // What it names may be gone by now: that does not end it.
    return replay ?? inForce?.replays?.find((last) => last.name === name) ?? [];
  });
  const types = nextTypes(translations, inForce?.types);
  const links = translations.flatMap(({ kind, name, links, conditions }) => {
    if (kind !== 'Connector') return [];
    const broken = conditions.some(({ status }) => status === 'False');
    return links ?? (broken ? (inForce?.links ?? []).filter(({ connector }) => connector === name) : []);
  });
  const connectors = connectorsOf(translations, inForce?.connectors ?? {});
  return {
    processes: processes.sort(byName),
    ...(types && { types }),
    ...(sla && { sla }),
    ...(replays.length > 0 && { replays: replays.sort(byName) }),
    ...(Object.keys(connectors).length > 0 && { connectors }),
    ...(links.length > 0 && { links }),
  };
}

/**
 * What a type said stays in force until it says otherwise, broken or deleted: by accident nothing sensitive shows, and nothing is kept
 * longer or forgotten sooner.
 */
function nextTypes(translations: readonly Translation[], inForce: TrackerPlan['types']): TrackerPlan['types'] {
  const types = { ...inForce };
  for (const { keeping } of translations) {
    if (!keeping) continue;
    const { type, ...said } = keeping;
    if (Object.keys(said).length > 0) types[type] = said;
    else delete types[type];
  }
  const entries = Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** By destination as in accounts; of an integration without a plan as they were. */
function connectorsOf(
  translations: readonly Translation[],
  inForce: Readonly<Record<string, string>>,
): Record<string, string> {
  const connectors: Record<string, string> = {};
  for (const { kind, name, plan } of translations) {
    if (kind !== 'Integration') continue;
    const root = plan?.parts[plan.hash];
    if (root?.part !== 'integration') {
      for (const [place, connector] of Object.entries(inForce))
        if (place.startsWith(`${name}/`)) connectors[place] = connector;
      continue;
    }
    for (const { name: destination, system } of root.destinations) {
      const connector = system && plan!.parts[system.connector];
      if (connector) connectors[`${name}/${destination}`] = connector.name;
    }
  }
  return connectors;
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

/** Calendars of equal content are there once: a thousand partners may have the same hours. */
function nextSla(
  translations: readonly Translation[],
  inForce: SlaPlan | undefined,
  counted: boolean,
): SlaPlan | undefined {
  const policies = translations.flatMap(({ kind, name, policy }) => {
    if (kind !== 'SLAPolicy') return [];
    return policy ?? inForce?.policies.find((last) => last.name === name) ?? [];
  });
  if (policies.length === 0 && !counted) return undefined;
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
