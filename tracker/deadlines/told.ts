/** Up to when everything that happened was told: what is missing after that may only be late itself. */

/** As far as a stream's follower tells. */
export interface Told {
  readonly trouble: string | undefined;
  /** Whether it has found its place in the stream. */
  readonly attached: boolean;
  readonly behind: number;
  readonly lagMs: number;
}

/** Documents of this age are in the stream, and what was delivered in between is seen as waiting. */
const MARGIN_MS = 300;
/** So long may a stream be away before deadlines pass without it: nothing is confirmed then either. */
const OUTAGE_MS = 60_000;

/** `until(now)` gives epoch ms. It may go back, where a follower that was silent turns out to be behind. */
export class ToldUntil {
  readonly #stream: Told;
  #last: number | undefined;
  #awaySince: number | undefined;
  #quietSince: number | undefined;

  constructor(stream: Told) {
    this.#stream = stream;
  }

  until(now: number): number {
    const { trouble, attached, behind, lagMs } = this.#stream;
    if (trouble !== undefined || !attached) {
      this.#quietSince = undefined;
      this.#awaySince = Math.min(this.#awaySince ?? now, now);
      if (now - this.#awaySince >= OUTAGE_MS) return now - MARGIN_MS;
      return this.#last ?? 0;
    }
    this.#awaySince = undefined;
    if (behind > 0) {
      this.#quietSince = undefined;
      this.#last = now - lagMs - MARGIN_MS;
    } else {
      this.#quietSince = Math.min(this.#quietSince ?? now, now);
      if (now - this.#quietSince >= MARGIN_MS) this.#last = now - MARGIN_MS;
    }
    return this.#last ?? 0;
  }
}
