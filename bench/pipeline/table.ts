/** The figures of the rounds as rows: medians, ratios, a table to read and a file to keep. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Figures } from './drain.ts';
import type { Latency } from './pace.ts';

export interface Row extends Partial<Latency> {
  name: string;
  what: string;
  documentsPerSecond?: number;
  cpuMicrosPerDocument?: number;
  brokerMicrosPerDocument?: number;
  rssMiB?: number;
  /** Documents per second over those of the limit. */
  ratioToLimit?: number;
  /** The limit's CPU per document, its own and the broker's, over these here. Holds on a busy machine too. */
  cpuRatioToLimit?: number;
  /** What share of the machine others used meanwhile, 0 to 1. */
  othersShare?: number;
  /** Why there are no figures. */
  skipped?: string;
}

/** Of an even number the mean of the middle two. */
const median = (all: readonly number[]): number => {
  const sorted = all.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
};
const medians = (all: readonly Figures[]): Figures => {
  const of = (field: keyof Figures) => median(all.map((each) => each[field]));
  return {
    documentsPerSecond: of('documentsPerSecond'),
    cpuMicrosPerDocument: of('cpuMicrosPerDocument'),
    brokerMicrosPerDocument: of('brokerMicrosPerDocument'),
    rssMiB: of('rssMiB'),
    othersShare: of('othersShare'),
  };
};
const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
const cpu = (each: Figures) => each.cpuMicrosPerDocument + each.brokerMicrosPerDocument;

/** `limit`: figures of the limit with documents of the same size. */
export function rowOf(
  about: Pick<Row, 'name' | 'what'>,
  rounds: readonly Figures[],
  limit: readonly Figures[] | undefined,
  latency: Latency | undefined,
): Row {
  const paced = latency && { p50Ms: rounded(latency.p50Ms, 1), p99Ms: rounded(latency.p99Ms, 1) };
  if (rounds.length === 0) return { ...about, ...paced };
  const now = medians(rounds);
  const most = limit && limit.length > 0 ? medians(limit) : undefined;
  return {
    ...about,
    documentsPerSecond: rounded(now.documentsPerSecond, 0),
    cpuMicrosPerDocument: rounded(now.cpuMicrosPerDocument, 0),
    brokerMicrosPerDocument: rounded(now.brokerMicrosPerDocument, 0),
    rssMiB: rounded(now.rssMiB, 0),
    ...(most && {
      ratioToLimit: rounded(now.documentsPerSecond / most.documentsPerSecond, 2),
      cpuRatioToLimit: rounded(cpu(most) / cpu(now), 2),
    }),
    othersShare: rounded(now.othersShare, 2),
    ...paced,
  };
}

const COLUMNS: [string, keyof Row][] = [
  ['docs/s', 'documentsPerSecond'],
  ['CPU µs', 'cpuMicrosPerDocument'],
  ['broker µs', 'brokerMicrosPerDocument'],
  ['RSS MiB', 'rssMiB'],
  ['of limit', 'ratioToLimit'],
  ['of limit by CPU', 'cpuRatioToLimit'],
  ['others', 'othersShare'],
  ['p50 ms', 'p50Ms'],
  ['p99 ms', 'p99Ms'],
];
const WIDTH = 34;

export function tableOf(rows: readonly Row[]): string {
  const lines = [`${''.padEnd(WIDTH)}  ${COLUMNS.map(([title]) => title).join('  ')}`];
  for (const row of rows) {
    const cells = COLUMNS.map(([title, field]) => String(row[field] ?? '').padStart(title.length)).join('  ');
    lines.push(`${row.name.padEnd(WIDTH)}  ${row.skipped === undefined ? cells : `skipped: ${row.skipped}`}`);
  }
  return lines.join('\n');
}

/** Crossdock's documents per second over those of each other, of the same size. */
export function ratiosOf(rows: readonly Row[]): string {
  const ours = rows.find(({ name }) => name === 'crossdock')?.documentsPerSecond;
  if (!ours) return '';
  return rows
    .filter(
      ({ name, documentsPerSecond }) => documentsPerSecond && !name.startsWith('crossdock') && !name.includes('KB'),
    )
    .map(({ name, documentsPerSecond }) => `crossdock / ${name}: ${(ours / documentsPerSecond!).toFixed(2)}`)
    .join('\n');
}

/** With the rows and figures of an earlier run that this one has not. */
export function added(path: string, rows: readonly Row[]): Row[] {
  const earlier = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { rows: Row[] }).rows : [];
  const now = new Map(rows.map((row) => [row.name, row]));
  const both = earlier.map((row) => ({ ...row, ...now.get(row.name) }));
  return [...both, ...rows.filter(({ name }) => !earlier.some((row) => row.name === name))];
}

export function keep(path: string, about: object, rows: readonly Row[]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify({ ...about, rows }, null, 2)}\n`);
}
