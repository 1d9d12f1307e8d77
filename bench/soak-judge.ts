/** Whether something grows: pure. */
export interface Sample {
  second: number;
  /** MiB. */
  rss: number;
  /** MiB. */
  heap: number;
  descriptors: number;
  /** ms. */
  p50: number;
  /** ms. */
  p99: number;
}
export type Measure = 'rss' | 'heap' | 'descriptors' | 'p50';
export interface Judged {
  /** Level at the beginning and at the end of what was judged, on the line. */
  from: number;
  to: number;
  perHour: number;
  grows: boolean;
}

const BUCKETS = 8;
/** What a measure may rise from first to last: an absolute amount that is noise, and a share of where it began. Both must be passed. */
const NOISE: Record<Measure, { amount: number; share: number }> = {
  rss: { amount: 16, share: 0.08 },
  heap: { amount: 8, share: 0.15 },
  // Senders' connections come and go by the dozen.
  descriptors: { amount: 20, share: 0.2 },
  p50: { amount: 20, share: 0.5 },
};

/** What it must rise, in distances of buckets from the line: the largest but one. */
const SPREADS = 2;

/** The first half is left out: code is compiled, caches and pools fill, and the collector learns how much there is to keep. */
export function judge(samples: readonly Sample[]): Record<Measure, Judged> {
  const warm = samples.slice(Math.floor(samples.length / 2));
  if (warm.length < BUCKETS) throw new Error(`too short: ${warm.length} s after the warm-up, ${BUCKETS} are needed`);
  const measures = Object.keys(NOISE) as Measure[];
  return Object.fromEntries(measures.map((measure) => [measure, judgeOne(warm, measure)])) as Record<Measure, Judged>;
}

function judgeOne(warm: readonly Sample[], measure: Measure): Judged {
  const buckets = Array.from({ length: BUCKETS }, (_, index) => {
    const part = warm.slice(
      Math.floor((index * warm.length) / BUCKETS),
      Math.floor(((index + 1) * warm.length) / BUCKETS),
    );
    const values = part.map((sample) => sample[measure]).sort((a, b) => a - b);
    // A heap is a saw, and so are connections: what is always there counts. Of others the middle.
    const least = measure === 'heap' || measure === 'descriptors';
    return { at: middle(part.map(({ second }) => second)), level: least ? values[0]! : middle(values) };
  });
  const slope = slopeOf(buckets);
  const start = middle(buckets.map(({ at, level }) => level - slope * (at - buckets[0]!.at)));
  const rise = slope * (buckets.at(-1)!.at - buckets[0]!.at);
  const { amount, share } = NOISE[measure];
  // What goes up and down by more than it rises may have been looked at on its way up.
  const distances = buckets.map(({ at, level }) => Math.abs(level - start - slope * (at - buckets[0]!.at)));
  const spread = distances.sort((a, b) => a - b).at(-2)!;
  const grows = rise > amount && rise > share * start && rise > SPREADS * spread;
  return { from: start, to: start + rise, perHour: slope * 3_600, grows };
}

/** Theil–Sen: the middle of all pairs' slopes, so that a few odd moments do not count. */
function slopeOf(points: readonly { at: number; level: number }[]): number {
  const slopes = points.flatMap((a, i) =>
    points.slice(i + 1).map((b) => (b.at === a.at ? 0 : (b.level - a.level) / (b.at - a.at))),
  );
  return middle(slopes);
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
