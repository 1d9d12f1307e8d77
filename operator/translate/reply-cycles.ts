/** Integrations whose replies lead back to them: each document would cause another for ever. */
import type { Integration } from '../../crds/generated/types.ts';

interface Edge {
  to: string;
  type: string;
}

/** Integration → the way back to itself in words, e.g. `a → (posted-v1) → b → (checked-v1) → a`. */
export function replyCycles(integrations: readonly Integration[]): Map<string, string> {
  const readers = new Map<string, string[]>();
  const replies = new Map<string, string[]>();
  for (const integration of integrations) {
    const { name } = integration.metadata;
    const source = integration.spec?.source;
    const events = source?.events?.documentTypeRefs;
    for (const ref of Array.isArray(events) ? events : [])
      if (typeof ref?.name === 'string') readers.set(ref.name, [...(readers.get(ref.name) ?? []), name]);
    const destinations = integration.spec?.destinations;
    for (const destination of Array.isArray(destinations) ? destinations : []) {
      const type = destination?.reply?.documentTypeRef?.name;
      if (typeof type === 'string') replies.set(name, [...(replies.get(name) ?? []), type]);
    }
  }
  const edges = new Map<string, Edge[]>();
  for (const integration of integrations) {
    const { name } = integration.metadata;
    const source = integration.spec?.source;
    // What comes in by an endpoint or connector is published under the integration's own name, as its replies are.
    const own = source?.http || source?.connector || source?.resolutions ? source.documentTypeRef?.name : undefined;
    const out = (replies.get(name) ?? []).flatMap((type) => [
      ...(type === own ? [{ to: name, type }] : []),
      ...(readers.get(type) ?? []).map((to) => ({ to, type })),
    ]);
    if (out.length > 0) edges.set(name, out);
  }
  const cycles = new Map<string, string>();
  for (const name of edges.keys()) {
    const way = wayBack(name, edges);
    if (way) cycles.set(name, way);
  }
  return cycles;
}

/** Shortest way, breadth first. */
function wayBack(start: string, edges: ReadonlyMap<string, Edge[]>): string | undefined {
  const cameBy = new Map<string, { from: string; type: string }>();
  const queue = [start];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const { to, type } of edges.get(at) ?? []) {
      if (cameBy.has(to)) continue;
      cameBy.set(to, { from: at, type });
      if (to !== start) {
        queue.push(to);
        continue;
      }
      const steps: string[] = [];
      for (let node = start; steps.length === 0 || node !== start; ) {
        const { from, type: by } = cameBy.get(node)!;
        steps.unshift(`(${by}) → ${node}`);
        node = from;
      }
      return `${start} → ${steps.join(' → ')}`;
    }
  }
  return undefined;
}
