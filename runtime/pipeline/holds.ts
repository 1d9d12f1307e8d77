import type { HoldPlan } from '../plan.ts';

/** Holds in force, asked by target. A hold with a past `until` holds nothing. */
export class Holds {
  readonly #holds: readonly HoldPlan[];
  constructor(holds: readonly HoldPlan[]) {
    this.#holds = holds;
  }

  /** The hold that keeps this target from receiving (Inbound) or from being delivered to (Outbound), if any. */
  on(kind: HoldPlan['kind'], name: string, direction: 'Inbound' | 'Outbound', now: number): HoldPlan | undefined {
    return this.#holds.find(
      (hold) =>
        hold.kind === kind &&
        (hold.target === name || hold.target === '*') &&
        (hold.direction === direction || hold.direction === 'Both') &&
        (hold.until === undefined || hold.until > now),
    );
  }

  /** Epoch ms at which the next hold ends by itself. */
  nextEnd(now: number): number | undefined {
    const ends = this.#holds.map((hold) => hold.until).filter((until) => until !== undefined && until > now);
    return ends.length > 0 ? Math.min(...(ends as number[])) : undefined;
  }
}
