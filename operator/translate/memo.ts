/**
 * Results that are kept from one World to the next, each with the answers it was made from. A kept result counts as long as the
 * World still gives those answers; else it is made anew. So incremental translation cannot differ from translation from scratch.
 */
import { canonicalJson } from '../../runtime/canonical.ts';
import { buildResource } from './build.ts';
import type { Built, Note, ResourceKey } from './view.ts';
import { printOf, View } from './view.ts';
import type { WorldIndex } from './world-index.ts';

interface Kept {
  built: Built;
  notes: readonly Note[];
  /** The round in which the notes were last found true. */
  round: number;
}

export class Memo {
  readonly #kept = new Map<string, Kept>();
  #index: WorldIndex | undefined;
  #round = 0;
  /** `Kind/namespace/name` of what was made (not kept) since the last `look`. */
  readonly made: string[] = [];

  /** Turns to another World. */
  look(index: WorldIndex): void {
    this.#index = index;
    this.#round++;
    this.made.length = 0;
  }
  get(key: ResourceKey): Built {
    return this.#current(key).built;
  }
  /** Everything that the result was made from, for finding what nobody uses. */
  notes(key: ResourceKey): readonly Note[] {
    return this.#current(key).notes;
  }
  /** Forgets what was not asked for since the last `look`. */
  sweep(): void {
    for (const [id, kept] of this.#kept) if (kept.round !== this.#round) this.#kept.delete(id);
  }

  #current(key: ResourceKey): Kept {
    const id = `${key.kind}/${key.namespace}/${key.name}`;
    const kept = this.#kept.get(id);
    if (kept?.round === this.#round) return kept;
    if (kept && this.#holds(kept.notes)) {
      kept.round = this.#round;
      return kept;
    }
    const view = new View(key.namespace, this.#index!, (other) => this.get(other));
    const built = buildResource(view, key);
    // The old object where nothing changed: those who compare by identity see that.
    if (kept?.built.topology && built.topology && canonicalJson(kept.built.topology) === canonicalJson(built.topology))
      built.topology = kept.built.topology;
    const anew: Kept = { built, notes: view.notes, round: this.#round };
    this.#kept.set(id, anew);
    this.made.push(id);
    return anew;
  }

  #holds(notes: readonly Note[]): boolean {
    return notes.every((note) =>
      'built' in note ? this.#print(note.built) === note.print : this.#index!.print(note.question) === note.print,
    );
  }
  /** A resource that is gone has no result; whoever asked for it finds out by its note on the resource itself. */
  #print(key: ResourceKey): string {
    return this.#index!.resource(key.kind, key.namespace, key.name) ? printOf(this.get(key)) : '\0';
  }
}
