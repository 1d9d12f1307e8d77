/** A timeline for people, within 120 columns: the documents, then what happened to them in time. */
import pc from 'picocolors';
import type { JournalEntry } from '../runtime/journal/entry.ts';
import type { State } from '../runtime/journal/outranks.ts';
import { traceId } from '../runtime/telemetry/tracing.ts';
import type { Timeline, TracedDocument } from '../tracker/accounts.ts';
import { foldAcknowledgments, stateOfAcknowledgment } from '../tracker/acknowledgments/fold.ts';
import { fold } from '../tracker/fold.ts';
import { clock, columns, cut, dateTime, wrapped } from './text.ts';

const WIDTH = 120;
const MAX_WHO = 30;
const MAX_LINES = 3;

/** `now`: epoch ms, for what is overdue. */
export function timelineText(
  key: string,
  { documents, entries }: Timeline,
  namespace = 'default',
  now = Date.now(),
): string {
  if (documents.length === 0) return `Nothing is known of ${key} in namespace ${namespace}.\n`;
  const first = Math.min(...entries.map(({ at }) => at));
  const last = Math.max(...entries.map(({ at }) => at));
  const count = documents.length === 1 ? '1 document' : `${documents.length} documents`;
  const lines = [
    `${pc.bold(key)}  ${count}, ${new Date(first).toISOString().slice(0, 10)}, ${seconds(last - first)} from first to last`,
    '',
    ...documentLines(key, documents),
    ...traceLines(documents, entries),
    '',
    ...eventLines(documents, entries, first, now),
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 100_000 ? 2 : 0)} s`;

function documentLines(key: string, documents: readonly TracedDocument[]): string[] {
  const rows = documents.map(({ id, type, source, keys, state }, index) => [
    `#${index + 1}`,
    type || '(not readable)',
    cut(source, 24),
    cut(keysText(keys, key), 44),
    state === null ? '' : coloured(state),
    pc.dim(id.slice(0, 8)),
  ]);
  return columns([['', 'document', 'from', 'keys', 'state', 'id'].map(pc.dim), ...rows]);
}

/** Traces of OpenTelemetry, to be looked up there, with the documents of each. */
function traceLines(documents: readonly TracedDocument[], entries: readonly JournalEntry[]): string[] {
  const numbers = new Map(documents.map(({ id }, index) => [id, `#${index + 1}`]));
  const traces = new Map<string, Set<string>>();
  for (const { traceparent, document } of entries) {
    if (!traceparent) continue;
    const id = traceId(traceparent);
    traces.set(id, (traces.get(id) ?? new Set()).add(numbers.get(document)!));
  }
  return [...traces].map(([id, of]) => pc.dim(`trace ${id}  ${[...of].join(' ')}`));
}

/** What else it is known by: `shipment SG-S-1001`. Long lists are cut. */
function keysText(keys: Record<string, string[]>, but: string): string {
  const others = Object.entries(keys).map(([name, values]) => [name, values.filter((value) => value !== but)] as const);
  return others
    .filter(([, values]) => values.length > 0)
    .sort(([, a], [, b]) => a.length - b.length)
    .map(([name, [value, ...more]]) => `${name} ${value}${more.length > 0 ? ` +${more.length}` : ''}`)
    .join(', ');
}

function eventLines(
  documents: readonly TracedDocument[],
  entries: readonly JournalEntry[],
  first: number,
  now: number,
): string[] {
  const numbers = new Map(documents.map(({ id }, index) => [id, `#${index + 1}`]));
  const types = new Map(documents.map(({ id, type }) => [id, type || '(not readable)']));
  // That a document was routed shows in what became of it.
  const shown = entries.filter(({ outcome, destinations = [] }) => outcome !== 'Routed' || destinations.length === 0);
  const events = [
    ...shown.map((entry) => ({ entry, ...said(entry, numbers) })),
    ...pending(entries),
    ...unacknowledged(entries, now),
  ];
  const who = Math.min(MAX_WHO, Math.max(...events.map((event) => event.who.length)));
  const type = Math.max(...[...types.values()].map(({ length }) => length));
  const number = `#${documents.length}`.length;
  return events.flatMap(({ entry, who: name, what, paint, at }) => {
    const time = at === undefined ? `${pc.dim(clock(entry.at))} ${since(entry.at - first)}` : at;
    const head = `${time}  ${numbers.get(entry.document)!.padEnd(number)} ${types.get(entry.document)!.padEnd(type)}  ${cut(name, who).padEnd(who)}  `;
    const indent = 8 + 1 + 10 + 2 + number + 1 + type + 2 + who + 2;
    const [line = '', ...more] = wrapped(what, Math.max(24, WIDTH - indent), MAX_LINES);
    return [`${head}${paint(line)}`, ...more.map((text) => `${' '.repeat(indent)}${text}`)];
  });
}

const since = (ms: number): string => pc.dim(`+${(ms / 1000).toFixed(3)}s`.padStart(10));

interface Said {
  /** `←` whom it came from, `→` whom it goes to, or the place in between. */
  who: string;
  what: string;
  paint: (text: string) => string;
  /** Instead of time and distance, of what has not happened yet. */
  at?: string;
}

/** What was expected and has no end yet. */
function pending(entries: readonly JournalEntry[]): ({ entry: JournalEntry } & Said)[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  return [...fold(entries).accounts.values()]
    .filter(({ state }) => state === 'InFlight')
    .map(({ entry, destination, nextAt }) => ({
      entry: byId.get(entry)!,
      who: `→ ${destination || 'intake'}`,
      what: nextAt === null ? 'in flight' : `in flight, next attempt at ${clock(nextAt)}`,
      paint: pc.yellow,
      at: `${'now'.padEnd(8)} ${' '.repeat(10)}`,
    }));
}

function said(entry: JournalEntry, numbers: ReadonlyMap<string, string>): Said {
  const { outcome, destination, attempt, detail = {}, error, origin, source, by, reason } = entry;
  const cause = error ? `: ${error.message} (${error.class} ${error.code})` : '';
  const to = detail.partner ? `→ ${detail.partner}` : destination ? `→ ${destination}` : `← ${source}`;
  const wire = detail.transaction ? `X12 ${detail.transaction}` : '';
  const control = detail.control ? `, control number ${Number(detail.control) || detail.control}` : '';
  const file = detail.file ? `, ${detail.file}` : '';
  const tried = attempt > 1 ? `, attempt ${attempt}` : '';
  const other = numbers.get(String(detail.by)) ?? String(detail.by ?? '').slice(0, 8);
  const again = by ? ` by ${by}: ${reason}` : '';
  const event = (who: string, what: string, paint: Said['paint'] = String): Said => ({ who, what, paint });
  switch (outcome) {
    case 'Accepted':
      return event(`← ${source}`, `accepted${wire ? ` as ${wire}${control}` : ''}${file}`);
    case 'Rejected':
      return event(
        `← ${source}`,
        `rejected, and ${origin === 'partner' ? 'the partner' : 'it'} was told${cause}`,
        pc.yellow,
      );
    case 'Routed':
      if (detail.acknowledges !== undefined)
        return event(`← ${source}`, acknowledgmentSaid(entry), verdictPaint(entry));
      return event(`→ ${destination}`, 'goes nowhere: no condition was true', pc.dim);
    case 'Delivered':
      return event(to, `delivered${wire ? ` as ${wire}` : ''}${control}${tried}`, pc.green);
    case 'Retrying':
      return event(to, `attempt ${attempt} failed${cause}`, pc.yellow);
    case 'DeadLettered':
      return event(to, `dead-lettered${tried}${cause}${file}`, pc.red);
    case 'Parked':
      return event(to, `parked${tried}${cause}${file}`, pc.red);
    case 'Duplicate':
      return event(to, `duplicate of ${other}`, pc.yellow);
    case 'Superseded':
      return event(to, `superseded by ${other}`, pc.yellow);
    case 'Replayed':
      return event(to, `replayed${again}`, pc.cyan);
    case 'Discarded':
      return event(to, `discarded${again}`, pc.cyan);
  }
}

/** What a partner says of what was sent to it. */
function acknowledgmentSaid({ type, detail = {}, error }: JournalEntry): string {
  const { verdict, control, at } = detail;
  const words: Record<string, string> = {
    Accepted: 'accepted',
    AcceptedWithErrors: 'accepted with errors',
    PartiallyAccepted: 'accepted in part',
    Rejected: 'rejected',
    Received: 'received',
  };
  const kind = type.replace(/^.*-/, '').toUpperCase();
  return `${kind}: control number ${control} to ${at} ${words[String(verdict)] ?? verdict}${error ? `: ${error.message}` : ''}`;
}
const verdictPaint = ({ detail = {} }: JournalEntry): Said['paint'] =>
  detail.verdict === 'Rejected'
    ? pc.red
    : detail.verdict === 'Accepted' || detail.verdict === 'Received'
      ? pc.green
      : pc.yellow;

/** Acknowledgments that have not come, in time or yet. */
function unacknowledged(entries: readonly JournalEntry[], now: number): ({ entry: JournalEntry } & Said)[] {
  const waiting = [...foldAcknowledgments(entries).values()].filter(({ rank, dueAt }) => rank < 2 && dueAt !== null);
  return waiting.flatMap((one) => {
    const entry = entries.findLast(
      ({ outcome, document, destination }) =>
        outcome === 'Delivered' && document === one.document && destination === one.destination,
    );
    const overdue = stateOfAcknowledgment(one, now) === 'Overdue';
    const what = `acknowledgment of control number ${one.control} ${overdue ? 'overdue since' : 'expected until'} ${dateTime(one.dueAt!)}${overdue ? ' (AcknowledgmentOverdue)' : ''}`;
    const paint = overdue ? pc.red : pc.dim;
    return entry ? [{ entry, who: `← ${one.partner}`, what, paint, at: `${'now'.padEnd(8)} ${' '.repeat(10)}` }] : [];
  });
}

export function coloured(state: State, text: string = state): string {
  if (state === 'DeadLettered' || state === 'Parked') return pc.red(text);
  return state === 'Delivered' ? pc.green(text) : pc.yellow(text);
}
