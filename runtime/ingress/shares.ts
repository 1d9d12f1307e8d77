/** Divides what the ingress holds at a time, so that one caller cannot take all of it. */
import { Refusal, retryAfter } from './problem.ts';

export interface Share {
  release(): void;
}

export function shares(limits: { requests: number; requestsPerCaller: number; totalBytes: number }) {
  const callers = new Map<string, number>();
  let requests = 0;
  let bytes = 0;
  return {
    /** Throws a Refusal: 429 where the caller has its share, 503 where all is taken. Release exactly once. */
    take(caller: string, size: number): Share {
      const own = callers.get(caller) ?? 0;
      if (own >= limits.requestsPerCaller) {
        const detail = `at most ${limits.requestsPerCaller} requests at a time; wait for answers before sending more`;
        throw new Refusal(429, 'too-many-requests', detail, { headers: retryAfter(1_000) });
      }
      // The first is always let in: a body at the cap must fit, however small the total is set.
      if (requests >= limits.requests || (requests > 0 && bytes + size > limits.totalBytes)) {
        throw new Refusal(503, 'unavailable', 'too much is being received at this moment', {
          headers: retryAfter(1_000),
        });
      }
      requests += 1;
      bytes += size;
      callers.set(caller, own + 1);
      return {
        release() {
          requests -= 1;
          bytes -= size;
          const left = (callers.get(caller) ?? 1) - 1;
          if (left > 0) callers.set(caller, left);
          else callers.delete(caller);
        },
      };
    },
  };
}
