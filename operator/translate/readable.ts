/**
 * A translation for people: parts under their names instead of hashes, long tables cut, only what is asked for. `crossdock render`
 * prints it, and the golden tests compare it.
 */
import type { Part, PartHash } from '../../runtime/plan.ts';
import type { PolicyPlan } from '../../tracker/plan.ts';
import type { Finding, NamespaceTranslation, Topology, Translation } from './translation.ts';

const SECTIONS = {
  integration: 'integrations',
  partner: 'partners',
  documentType: 'documentTypes',
  mapping: 'mappings',
  table: 'tables',
  connector: 'connectors',
} as const satisfies Record<Part['part'], string>;

/** Rows of a table that are shown. */
const SHOWN_ROWS = 5;

export interface ReadablePlan {
  organization?: unknown;
  integrations?: Record<string, unknown>;
  partners?: Record<string, unknown>;
  documentTypes?: Record<string, unknown>;
  mappings?: Record<string, unknown>;
  tables?: Record<string, unknown>;
  connectors?: Record<string, unknown>;
  holds?: unknown[];
  processes?: Record<string, unknown>;
  replays?: Record<string, unknown>;
  policies?: Record<string, unknown>;
  calendars?: Record<string, unknown>;
}

/** `Kind/name` → condition → `True`, or `False RefNotFound: …`. */
export function readableConditions(translations: readonly Translation[]): Record<string, Record<string, string>> {
  return Object.fromEntries(
    translations.map(({ kind, name, conditions }) => [
      `${kind}/${name}`,
      Object.fromEntries(
        conditions.map(({ type, status, reason, message }) => {
          const asItShouldBe = status === (type === 'Conflicted' ? 'False' : 'True');
          return [type, asItShouldBe ? status : `${status} ${reason}: ${message}`];
        }),
      ),
    ]),
  );
}

export const readableFinding = ({ severity, kind, name, field, message, remedy }: Finding): string =>
  `${severity} ${kind}/${name} ${field}: ${message}; ${remedy}`;

/** Everything, or only the roots with that name and what they need. */
export function readablePlan(
  { index, parts, translations }: Pick<NamespaceTranslation, 'index' | 'parts' | 'translations'>,
  root?: string,
): ReadablePlan {
  const names = namesOf(parts);
  const wanted = root === undefined ? new Set(Object.keys(parts)) : closureOf(index, parts, root);
  const schemas = new Map<string, string>();
  for (const part of Object.values(parts))
    if (part.part === 'documentType') schemas.set(JSON.stringify(part.schema), part.name);
  const plan: Record<string, unknown> = {};
  if (root === undefined) plan.organization = index.organization;
  for (const [kind, section] of Object.entries(SECTIONS)) {
    const entries = [...wanted]
      .filter((hash) => parts[hash]!.part === kind)
      .map((hash): [string, unknown] => [names.get(hash)!, readablePart(parts[hash]!, names, schemas)])
      .sort(([a], [b]) => (a < b ? -1 : 1));
    if (entries.length > 0) plan[section] = Object.fromEntries(entries);
  }
  const holds = index.holds.filter(({ target }) => root === undefined || target === root || target === '*');
  if (holds.length > 0) plan.holds = holds;
  const processes = translations.flatMap(({ name, process }) =>
    process && (root === undefined || name === root) ? [[name, process] as const] : [],
  );
  if (processes.length > 0)
    plan.processes = Object.fromEntries(processes.map(([name, { name: _, generation: __, ...rest }]) => [name, rest]));
  const policies = translations.flatMap(({ name, policy }) =>
    policy && (root === undefined || name === root) ? [[name, readablePolicy(policy)] as const] : [],
  );
  if (policies.length > 0) plan.policies = Object.fromEntries(policies);
  const calendars = translations.flatMap(({ kind, name, calendar }) =>
    calendar && (root === undefined || name === root) ? [[`${kind}/${name}`, calendar] as const] : [],
  );
  if (calendars.length > 0) plan.calendars = Object.fromEntries(calendars);
  const links = translations.flatMap(({ name, links }) =>
    links && (root === undefined || name === root) ? links : [],
  );
  if (links.length > 0) plan.links = links;
  const types = translations.flatMap(({ name, keeping }) =>
    keeping && Object.keys(keeping).length > 1 && (root === undefined || name === root) ? [keeping] : [],
  );
  if (types.length > 0) plan.keeping = Object.fromEntries(types.map(({ type, ...rest }) => [type, rest]));
  const replays = translations.flatMap(({ name, replay }) =>
    replay && (root === undefined || name === root) ? [[name, replay] as const] : [],
  );
  if (replays.length > 0)
    plan.replays = Object.fromEntries(replays.map(([name, { name: _, uid: __, ...rest }]) => [name, rest]));
  return plan;
}

const readablePolicy = ({ name: _, generation: __, notify, ...rest }: PolicyPlan): unknown => ({
  ...rest,
  notify: notify.map(({ connector, ...how }) => ({ connector: connector.name, ...how })),
});

/** Parts of different namespaces may have one name; then the hash is added. */
function namesOf(parts: Readonly<Record<PartHash, Part>>): Map<PartHash, string> {
  const taken = new Map<string, PartHash[]>();
  for (const [hash, part] of Object.entries(parts)) {
    const key = `${part.part}/${part.name}`;
    taken.set(key, [...(taken.get(key) ?? []), hash]);
  }
  return new Map(
    Object.entries(parts).map(([hash, part]) => {
      const alone = taken.get(`${part.part}/${part.name}`)!.length === 1;
      return [hash, alone ? part.name : `${part.name}@${hash.slice(0, 8)}`];
    }),
  );
}

function closureOf(
  index: NamespaceTranslation['index'],
  parts: Readonly<Record<PartHash, Part>>,
  root: string,
): Set<PartHash> {
  const found = new Set<PartHash>();
  const visit = (value: unknown): void => {
    if (typeof value === 'string' && Object.hasOwn(parts, value) && !found.has(value)) {
      found.add(value);
      visit(parts[value]);
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  for (const entries of [index.integrations, index.partners])
    if (Object.hasOwn(entries, root)) visit(entries[root]!.hash);
  return found;
}

/** Every text that is the hash of a part becomes its name: 32 hex digits do not occur otherwise. */
function readablePart(part: Part, names: ReadonlyMap<PartHash, string>, schemas: ReadonlyMap<string, string>): unknown {
  const { part: _, name: __, ...rest } = part;
  const shown: Record<string, unknown> = { ...rest };
  if (part.part === 'table' && part.rows.length > SHOWN_ROWS)
    shown.rows = [...part.rows.slice(0, SHOWN_ROWS), `… ${part.rows.length - SHOWN_ROWS} more`];
  if (part.part === 'mapping' && part.targetSchema) {
    const type = schemas.get(JSON.stringify(part.targetSchema));
    if (type !== undefined) shown.targetSchema = `that of ${type}`;
  }
  const name = (value: unknown): unknown => {
    if (typeof value === 'string') return names.get(value) ?? value;
    if (Array.isArray(value)) return value.map(name);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, name(member)]));
  };
  return name(shown);
}

/** Queues and exchanges by name; bindings in one line each. */
export function readableTopology(topology: Topology): Record<string, unknown> {
  return {
    exchanges: Object.fromEntries(
      topology.exchanges.map(({ name, type, arguments: args }) => [name, { type, ...args }]),
    ),
    queues: Object.fromEntries(topology.queues.map(({ name, arguments: args }) => [name, args])),
    bindings: topology.bindings.map(
      ({ source, destination, routingKey }) =>
        `${source} → ${destination}${routingKey === '' ? '' : ` (${routingKey})`}`,
    ),
  };
}
