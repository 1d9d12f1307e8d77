/** How many deliveries a consumer takes at a time, so that those in memory have about so many bytes. */

/** Where nothing is known of sizes yet. */
const FIRST = 16;
/** However large they are. */
const LEAST = 4;
/** Of the average, what the last delivery counts. */
const SHARE = 1 / 16;

export class Width {
  readonly #most: number;
  readonly #budget: number;
  #average = 0;
  #inMemory = 0;
  /** The prefetch to consume with. */
  now: number;

  /** Without a budget it is `most` for ever. */
  constructor(most: number, budget = Number.POSITIVE_INFINITY) {
    this.#most = most;
    this.#budget = budget;
    this.now = budget === Number.POSITIVE_INFINITY ? most : Math.min(FIRST, most);
  }

  /** A delivery came. True if `now` should become what it is after this call: it has changed by much. */
  came(bytes: number): boolean {
    this.#inMemory += bytes;
    if (this.#budget === Number.POSITIVE_INFINITY) return false;
    this.#average += this.#average === 0 ? bytes : (bytes - this.#average) * SHARE;
    // Many large ones behind small ones are noticed by their sum.
    const size = this.#inMemory > this.#budget ? Math.max(this.#average, bytes) : this.#average;
    const fits = Math.max(LEAST, Math.min(this.#most, Math.floor(this.#budget / Math.max(1, size))));
    if (fits < 2 * this.now && fits * 2 > this.now) return false;
    if (fits === this.now) return false;
    this.now = fits;
    return true;
  }

  went(bytes: number): void {
    this.#inMemory -= bytes;
  }
}
