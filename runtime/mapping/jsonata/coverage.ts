/** Which of the ways that an expression may take evaluations took: what its tests have shown. */

/** `kept` and `left out`: what a filter does with a member. */
export type Way = 'then' | 'else' | 'right side' | 'left side alone' | 'kept' | 'left out' | 'called';
export interface Branch {
  /** Offset in the expression's text. */
  position: number;
  /** What decides: `?`, `and`, `or`, `[…]`, `function`. */
  of: string;
  way: Way;
}

export class Coverage {
  readonly branches: Branch[] = [];
  /** How often each was taken: generated code counts here. */
  readonly counts: number[] = [];
  readonly #known = new Map<string, number>();

  /** Number of a branch; the same for the same one, should code be written for it twice. */
  numberOf(position: number, of: string, way: Way): number {
    const key = `${position} ${of} ${way}`;
    let number = this.#known.get(key);
    if (number === undefined) {
      number = this.branches.push({ position, of, way }) - 1;
      this.counts.push(0);
      this.#known.set(key, number);
    }
    return number;
  }

  untaken(): Branch[] {
    return this.branches.filter((_, i) => this.counts[i] === 0).sort((a, b) => a.position - b.position);
  }
}
