/** What the flags of `crossdock replay` ask for. */
import type { ReplaySelector, ReplaySpec } from '../tracker/replay/contract.ts';

export interface SpecFlags {
  group?: string;
  dead?: boolean;
  parked?: boolean;
  class?: string;
  code?: string;
  integration?: string;
  destination?: string;
  partner?: string;
  type?: string;
  key?: string[];
  mapping?: string;
  since?: string;
  until?: string;
  reason?: string;
  dryRun?: boolean;
  rate?: string;
  limit?: string;
  by: string;
}

/** Throws with what is wrong with a flag; the selector as a whole is judged where it is started. */
export function specOf(flags: SpecFlags): ReplaySpec {
  if (!flags.reason) throw new Error('--reason is missing: say why, for the journal and the audit');
  const { rate, limit } = flags;
  return {
    reason: flags.reason,
    requestedBy: flags.by,
    mode: flags.dryRun ? 'DryRun' : 'Run',
    selector: selectorOf(flags),
    ...(rate !== undefined && { ratePerSecond: whole('--rate', rate) }),
    ...(limit !== undefined && { limit: whole('--limit', limit) }),
  };
}

function selectorOf(flags: SpecFlags): ReplaySelector {
  const { group, dead, parked, class: errorClass, code, integration, destination, partner, type, key, mapping } = flags;
  if (dead && parked) throw new Error('--dead or --parked, not both');
  const letters = dead || parked || group !== undefined || errorClass !== undefined || code !== undefined;
  const [name = '', hash] = mapping?.split('@') ?? [];
  const [since, until] = [time('--since', flags.since), time('--until', flags.until)];
  return {
    ...(letters && {
      deadLetters: {
        ...(parked && { state: 'Parked' as const }),
        ...(dead && { state: 'DeadLettered' as const }),
        ...(errorClass !== undefined && { class: errorClass }),
        ...(code !== undefined && { code }),
        ...(group !== undefined && { fingerprint: group }),
      },
    }),
    ...(integration !== undefined && { integration }),
    ...(destination !== undefined && { destination }),
    ...(partner !== undefined && { partner }),
    ...(type !== undefined && { documentType: type }),
    ...(key !== undefined && { keys: key }),
    ...(mapping !== undefined && { mapping: { name, ...(hash !== undefined && { hash }) } }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
}

function time(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new Error(`${flag} ${text}: write a time as 2026-11-24T06:00:00Z`);
  return at;
}

function whole(flag: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new Error(`${flag} ${text}: a whole number is expected`);
  return number;
}
