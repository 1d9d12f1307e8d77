/** Milestones that wait for each other would never be reached. */
import type { MilestonePlan } from '../../tracker/plan.ts';

/** The way back in words, `A → B → A`; undefined where there is none. */
export function cycleIn(milestones: readonly MilestonePlan[]): string | undefined {
  const after = new Map(milestones.map((milestone) => [milestone.name, milestone.after]));
  const done = new Set<string>();
  const visit = (name: string, way: readonly string[]): string | undefined => {
    const at = way.indexOf(name);
    if (at >= 0) return [...way.slice(at), name].join(' → ');
    if (done.has(name)) return undefined;
    done.add(name);
    for (const other of after.get(name) ?? []) {
      const cycle = visit(other, [...way, name]);
      if (cycle) return cycle;
    }
    return undefined;
  };
  for (const { name } of milestones) {
    const cycle = visit(name, []);
    if (cycle) return cycle;
  }
  return undefined;
}
