/** What became of the traffic, from three sides: who sent it, who took it, and Crossdock's accounts. Pure. Times are Unix ms. */
import type { Taken } from '../shop.ts';

/** An order that was answered 202. */
export interface Sent {
  number: string;
  /** When it was first asked for, and when it was answered. */
  askedAt: number;
  acceptedAt: number;
}
export interface Account {
  number: string;
  state: string;
}
export interface Fault {
  name: string;
  at: number;
  /** From here on nothing stands in the way. */
  endedAt: number;
  /** What was taken away is there again, with its own eyes. */
  restoredAt: number;
}
export interface Verdict {
  lost: string[];
  doubled: string[];
  /** Sent again under the same key, which who honours keys takes once. */
  repeats: number;
  /** Where the accounts say something else than the ledgers. */
  disagreements: string[];
}

export function judge(sent: readonly Sent[], taken: readonly Taken[], accounts: readonly Account[]): Verdict {
  const keys = Map.groupBy(taken, ({ number }) => number);
  const states = Map.groupBy(accounts, ({ number }) => number);
  const promised = new Set(sent.map(({ number }) => number));
  const distinct = (number: string) => new Set(keys.get(number)?.map(({ idempotencyKey }) => idempotencyKey)).size;
  const disagreements = [...new Set([...promised, ...keys.keys(), ...states.keys()])].sort().flatMap((number) => {
    const said = states.get(number)?.map(({ state }) => state) ?? [];
    if (said.length === 1 && said[0] === 'Delivered' && keys.has(number)) return [];
    const ledger = keys.has(number) ? 'taken' : 'not taken';
    return [`${number}: ${ledger} by the ERP, in the accounts ${said.join(', ') || 'unknown'}`];
  });
  return {
    lost: [...promised].filter((number) => !keys.has(number)),
    doubled: [...keys.keys()].filter((number) => distinct(number) > 1),
    repeats: taken.length - [...keys.keys()].reduce((sum, number) => sum + distinct(number), 0),
    disagreements,
  };
}

/** From the end of a fault until what it took away is back and an order that was asked for after it was taken; undefined: never. */
export function recoveryMs(fault: Fault, sent: readonly Sent[], taken: readonly Taken[]): number | undefined {
  const at = new Map<string, number>();
  for (const each of taken) at.set(each.number, Math.min(each.at, at.get(each.number) ?? Number.POSITIVE_INFINITY));
  const later = sent.filter(({ askedAt }) => askedAt >= fault.endedAt).flatMap(({ number }) => at.get(number) ?? []);
  return later.length === 0 ? undefined : Math.max(Math.min(...later), fault.restoredAt) - fault.endedAt;
}

/** By nearest rank. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}
