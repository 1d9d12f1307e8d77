/** `250ms`, `15s`, `5m`, `48h`, `30d` as milliseconds. */

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** undefined for anything that is not one whole number and one unit. */
export function parseDuration(text: unknown): number | undefined {
  const match = typeof text === 'string' ? /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) : null;
  return match ? Number(match[1]) * UNIT_MS[match[2]!]! : undefined;
}

export const DURATION_HINT = 'write a whole number with a unit: 250ms, 15s, 5m, 48h or 30d';
