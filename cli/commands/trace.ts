/** `crossdock trace KEY`: what happened to the documents of a business key (a purchase order, a shipment) or to one document, in time. */
import { type Command, Option } from 'commander';
import pc from 'picocolors';
import type { JournalEntry } from '../../runtime/journal/entry.ts';
import { readTimeline, type Timeline } from '../../tracker/accounts.ts';
import { clock, type DatabaseFlags, openAccounts, withDatabase } from '../accounts.ts';

export function register(program: Command): void {
  withDatabase(program.command('trace'))
    .argument('<key>', 'any business key (PO-1001) or document id')
    .description('the timeline of a purchase order, a shipment, or one document')
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .action((key: string, flags: DatabaseFlags & { output: 'text' | 'json' }) =>
      openAccounts(flags, async (database, namespace) => {
        const timeline = await readTimeline(database, namespace, key);
        if (flags.output === 'json') process.stdout.write(`${JSON.stringify(timeline, null, 2)}\n`);
        else process.stdout.write(timelineText(key, timeline, namespace));
        if (timeline.documents.length === 0) process.exitCode = 1;
      }),
    );
}

/** One line per entry: time, type, who, what. */
export function timelineText(key: string, { documents, entries }: Timeline, namespace = 'default'): string {
  if (documents.length === 0) return `Nothing is known of ${key} in namespace ${namespace}.\n`;
  const types = new Map(documents.map(({ id, type }) => [id, type]));
  const first = entries[0]?.at ?? 0;
  const width = Math.max(...documents.map(({ type }) => type.length));
  const lines = entries.map((entry) => {
    const since = `+${((entry.at - first) / 1000).toFixed(3)}s`.padStart(10);
    const type = (types.get(entry.document) || '(undecoded)').padEnd(width);
    return `${pc.dim(clock(entry.at))} ${pc.dim(since)}  ${type}  ${pc.dim(entry.document.slice(0, 8))}  ${said(entry)}`;
  });
  return `${pc.bold(key)}  ${documents.length} documents\n${lines.join('\n')}\n`;
}

function said(entry: JournalEntry): string {
  const { outcome, destination, attempt, detail = {}, error } = entry;
  const cause = error ? `: ${error.class} ${error.code} — ${error.message}` : '';
  const to = detail.partner ? `${destination} (${detail.partner})` : destination;
  switch (outcome) {
    case 'Accepted':
      return `${pc.green('accepted')} from ${entry.origin} ${entry.source}`;
    case 'Rejected':
      return `${pc.yellow('rejected')}, ${entry.source} was told${cause}`;
    case 'Routed':
      return `routed by ${destination} to ${entry.destinations?.join(', ') || 'no destination'}`;
    case 'Delivered':
      return `${pc.green('delivered')} to ${to}${detail.control ? `, control number ${detail.control}` : ''}${attempt > 1 ? `, attempt ${attempt}` : ''}`;
    case 'Retrying':
      return `${pc.yellow('retrying')} ${to}, attempt ${attempt} failed${cause}`;
    case 'DeadLettered':
      return `${pc.red('dead-lettered')} at ${to || 'intake'}${cause}`;
    case 'Parked':
      return `${pc.red('parked')} at ${to || 'intake'}${cause}`;
    case 'Duplicate':
      return `duplicate at ${to} of ${String(detail.by ?? '').slice(0, 8)}`;
    case 'Superseded':
      return `superseded at ${to} by ${String(detail.by ?? '').slice(0, 8)}`;
    case 'Replayed':
      return `replayed to ${to || 'intake'} by ${entry.by}: ${entry.reason}`;
    case 'Discarded':
      return `discarded at ${to || 'intake'} by ${entry.by}: ${entry.reason}`;
  }
}
