/** How often one may call: a token bucket per caller and class of requests. */
export interface Limit {
  perMinute: number;
  burst: number;
}
export const LIMITS = {
  Read: { perMinute: 600, burst: 200 },
  Act: { perMinute: 60, burst: 30 },
  /** Per address and per user name: passwords are not to be guessed. */
  Login: { perMinute: 6, burst: 10 },
} satisfies Record<string, Limit>;
export type Limits = Record<keyof typeof LIMITS, Limit>;

/** Full buckets are forgotten above so many. */
const MAX_BUCKETS = 10_000;

export class RateLimiter {
  readonly #buckets = new Map<string, { tokens: number; at: number }>();
  readonly #limits: Limits;

  constructor(limits: Limits = LIMITS) {
    this.#limits = limits;
  }

  /** Seconds until the next is allowed; undefined: this one is. */
  take(kind: keyof Limits, caller: string, now = Date.now()): number | undefined {
    const { perMinute, burst } = this.#limits[kind];
    const key = `${kind} ${caller}`;
    const known = this.#buckets.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, known.tokens + ((now - known.at) * perMinute) / 60_000);
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: Math.max(0, tokens >= 1 ? tokens - 1 : tokens), at: now });
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= MAX_BUCKETS) break;
      this.#buckets.delete(oldest);
    }
    return tokens >= 1 ? undefined : Math.ceil(((1 - tokens) * 60) / perMinute);
  }
}
