/** Documents as the fold of a business process sees them, and which of them count: revisions, cancellations, what came twice. */
import { rankOf } from '../../runtime/store/rank.ts';

/** One accepted document of a transaction, or of a revision that belongs to one. */
export interface Fact {
  id: string;
  type: string;
  /** `<origin>/<source>`. */
  source: string;
  /** Epoch ms of its acceptance. */
  at: number;
  /** Values of the process's key. */
  keys: readonly string[];
  revision?: { key: string; sequence: string; action: string };
  /** The document that a person made it of: it takes its place. */
  edits?: string;
  bodyHash: string;
  /** Canonical; undefined where the archive does not have it (yet, or too large). */
  body?: unknown;
  accounts: readonly { destination: string; state: string | null; at: number }[];
  /** Partners that it went to, or was to go to. */
  recipients?: readonly string[];
}

/** What counts: one document of several that say the same, and what became of all copies of it. */
export interface Effective {
  fact: Fact;
  copies: readonly Fact[];
}
export interface Chosen {
  effective: Effective[];
  /** Types of which a document was cancelled and nothing stands in its place. */
  cancelled: ReadonlySet<string>;
}

const CANCELS: ReadonlySet<string> = new Set(['cancel', 'reverse']);
const isCancel = ({ revision }: Fact): boolean => CANCELS.has(revision?.action.toLowerCase() ?? '');

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** In the order of acceptance; the id decides between equal times. */
export const byTime = (a: Fact, b: Fact): number => a.at - b.at || compare(a.id, b.id);
export const bySequence = (a: Fact, b: Fact): number =>
  compare(rankOf(a.revision?.sequence ?? ''), rankOf(b.revision?.sequence ?? '')) || byTime(a, b);

/** Without those that a person edited, and of several edits of one document the last. */
function standing(facts: Iterable<Fact>): Fact[] {
  const all = [...facts];
  const last = new Map<string, Fact>();
  for (const fact of all) {
    const other = fact.edits === undefined ? undefined : last.get(fact.edits);
    if (fact.edits !== undefined && (!other || byTime(fact, other) > 0)) last.set(fact.edits, fact);
  }
  return all.filter(({ id, edits }) => !last.has(id) && (edits === undefined || last.get(edits)!.id === id));
}

/**
 * Of each revision key the latest sequence; of one sequence the first document, and what equals it. Documents without revisions are
 * the same when type, source and content are. In the order of acceptance.
 */
export function choose(facts: Iterable<Fact>): Chosen {
  const groups = Map.groupBy(standing(facts), sameDocument);
  const effective: Effective[] = [];
  const cancelled = new Set<string>();
  for (const group of groups.values()) {
    const latest = group.reduce((a, b) => (rank(b) > rank(a) ? b : a));
    const last = group.filter((fact) => rank(fact) === rank(latest)).sort(byTime);
    const [fact] = last as [Fact, ...Fact[]];
    if (isCancel(fact)) cancelled.add(fact.type);
    else effective.push({ fact, copies: last.filter(({ bodyHash }) => bodyHash === fact.bodyHash) });
  }
  return { effective: effective.sort((a, b) => byTime(a.fact, b.fact)), cancelled };
}
/** Equal for what is the same document in the business's eyes. */
const sameDocument = ({ type, source, revision, bodyHash }: Fact): string =>
  JSON.stringify([type, source, revision ? revision.key : null, revision ? '' : bodyHash]);

/** Each fact once: those that carry the key, the other revisions of the same documents, and what people made of them or made them of. */
export function factsFor(key: string, facts: Iterable<Fact>): Fact[] {
  const known = new Map<string, Fact>();
  for (const fact of facts) known.set(fact.id, fact);
  const groups = Map.groupBy(known.values(), sameDocument);
  const own = [...groups.values()].filter((group) => group.some(({ keys }) => keys.includes(key))).flat();
  const found = new Set(own.map(({ id }) => id));
  const edited = new Set(own.flatMap(({ edits }) => edits ?? []));
  const beside = [...known.values()].filter(
    ({ id, edits }) => !found.has(id) && (edited.has(id) || (edits !== undefined && found.has(edits))),
  );
  return [...own, ...beside];
}

const rank = ({ revision }: Fact): string => rankOf(revision?.sequence ?? '');
