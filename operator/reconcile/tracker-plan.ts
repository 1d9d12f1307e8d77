/** What the tracker is to do: the new translation, with the last good plan of each process whose new one is broken. Pure. */
import type { TrackerPlan } from '../../tracker/plan.ts';
import type { NamespaceTranslation } from '../translate/translation.ts';

export function nextTrackerPlan(
  { translations }: Pick<NamespaceTranslation, 'translations'>,
  inForce: TrackerPlan | undefined,
): TrackerPlan {
  const processes = translations.flatMap(({ kind, name, process }) => {
    if (kind !== 'BusinessProcess') return [];
    return process ?? inForce?.processes.find((last) => last.name === name) ?? [];
  });
  return { processes: processes.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}
