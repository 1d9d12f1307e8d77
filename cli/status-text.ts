/** The status of a namespace for people, within 120 columns. */
import pc from 'picocolors';
import type { State } from '../runtime/journal/outranks.ts';
import type { AccountRow, Count } from '../tracker/accounts.ts';
import type { AcknowledgmentState } from '../tracker/acknowledgments/fold.ts';
import type { AcknowledgmentRow } from '../tracker/acknowledgments/store.ts';
import { columns, cut, dateTime, wrapped } from './text.ts';
import { coloured } from './trace-text.ts';

export interface Status {
  namespace: string;
  counts: Count[];
  /** Newest first. */
  troubles: AccountRow[];
  gaps: { noticedAt: Date; detail: string }[];
  setAside: { noticedAt: Date; offset: string; reason: string }[];
  /** What partners say, or do not say, of what was sent to them. */
  acknowledgments?: { counts: Partial<Record<AcknowledgmentState, number>>; troubles: AcknowledgmentRow[] };
}

const MAX_SHOWN = 10;
const COLUMNS: readonly (readonly [State, string])[] = [
  ['InFlight', 'in flight'],
  ['Delivered', 'delivered'],
  ['Rejected', 'rejected'],
  ['DeadLettered', 'dead'],
  ['Parked', 'parked'],
  ['Superseded', 'superseded'],
  ['Duplicate', 'duplicate'],
];

export function statusText(status: Status, now: number): string {
  const { namespace, counts, troubles, gaps, setAside, acknowledgments } = status;
  const lines = counts.length > 0 ? table(counts) : [`No documents in namespace ${namespace} yet.`];
  for (const { noticedAt, detail } of gaps)
    lines.push(
      '',
      `${pc.red('gap in the journal')}, noticed ${dateTime(noticedAt.getTime())}: the counts may miss what happened then`,
      ...wrapped(detail, 110).map((line) => `  ${line}`),
    );
  if (setAside.length > 0) {
    lines.push('', `${pc.red('odd journal entries')}, set aside in the tracker's table set_aside: ${setAside.length}`);
    for (const { noticedAt, offset, reason } of setAside.slice(0, MAX_SHOWN))
      lines.push(`  ${dateTime(noticedAt.getTime())}  offset ${offset}  ${cut(reason, 80)}`);
  }
  if (acknowledgments) lines.push(...acknowledgmentLines(acknowledgments, now));
  if (troubles.length > 0) lines.push('');
  for (const row of troubles.slice(0, MAX_SHOWN)) lines.push(...trouble(row, now));
  if (troubles.length > MAX_SHOWN) lines.push(pc.dim(`… and ${troubles.length - MAX_SHOWN} more: crossdock dlq list`));
  if (troubles.length > 0)
    lines.push(
      '',
      pc.dim('crossdock trace KEY shows the way of one · crossdock dlq list [--parked] what can be replayed'),
    );
  return `${lines.join('\n')}\n`;
}

function acknowledgmentLines({ counts, troubles }: NonNullable<Status['acknowledgments']>, now: number): string[] {
  const told = Object.entries(counts);
  if (told.length === 0) return [];
  const lines = ['', `acknowledgments by partners: ${told.map(([state, count]) => `${count} ${state}`).join(', ')}`];
  for (const { state, partner, type, keys, document, control, dueAt, toldAt, message } of troubles.slice(
    0,
    MAX_SHOWN,
  )) {
    const what = [type, Object.values(keys).flat()[0] ?? document.slice(0, 8)].filter(Boolean).join(' ');
    const paint = state === 'AcceptedWithErrors' ? pc.yellow : pc.red;
    const since = ago(now - ((state === 'Overdue' ? dueAt : toldAt) ?? now));
    lines.push(
      `${paint(state)}  ${pc.bold(cut(what, 40))}  to ${cut(partner, 32)}${control ? `  control number ${control}` : ''}  ${pc.dim(since)}`,
      ...(message ? wrapped(message, 110, 2).map((line) => `  ${line}`) : []),
    );
  }
  return lines;
}

/** States that nothing is in have no column, but for the four that everybody asks for. */
function table(counts: readonly Count[]): string[] {
  const asked: readonly State[] = ['InFlight', 'Delivered', 'DeadLettered', 'Parked'];
  const shown = COLUMNS.filter(([state]) => asked.includes(state) || counts.some((row) => row.state === state));
  const cells = (rows: readonly Count[]) =>
    shown.map(([state]) => {
      const count = rows.filter((row) => row.state === state).reduce((sum, row) => sum + row.count, 0);
      return count === 0 ? pc.dim('·') : coloured(state, String(count));
    });
  const rows = Map.groupBy(counts, ({ destination, type }) => `${destination}\n${type}`);
  const body = [...rows].map(([key, states]) => {
    const [destination = '', type = ''] = key.split('\n');
    return [cut(destination || '(intake)', 32), cut(type || '(not readable)', 24), ...cells(states)];
  });
  const head = ['destination', 'document type', ...shown.map(([, name]) => name)].map(pc.dim);
  return columns(
    [head, ...body],
    shown.map((_, index) => index + 2),
  );
}

function trouble(
  { document, type, destination, state, errorClass, errorCode, errorMessage, keys, at }: AccountRow,
  now: number,
) {
  const what = [type, Object.values(keys).flat()[0] ?? document.slice(0, 8)].filter(Boolean).join(' ');
  const cause = errorClass ? `${errorClass} ${errorCode}` : '';
  return [
    `${coloured(state!)}  ${pc.bold(cut(what, 40))}  at ${cut(destination || 'intake', 32)}  ${cause}  ${pc.dim(ago(now - at))}`,
    ...wrapped(errorMessage ?? '', 110, 2).map((line) => `  ${line}`),
  ];
}

function ago(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 120) return `${minutes} min ago`;
  return minutes < 2_880 ? `${Math.floor(minutes / 60)} h ago` : `${Math.floor(minutes / 1_440)} days ago`;
}
