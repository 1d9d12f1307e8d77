/** Replays as people read them, within 120 columns. */
import pc from 'picocolors';
import type { Replay, ReplayItem, ReplayState } from '../tracker/replay/contract.ts';
import type { MappingVersion } from '../tracker/replay/versions.ts';
import { columns, cut, dateTime, wrapped } from './text.ts';

const colour = (state: ReplayState): string =>
  state === 'Succeeded' ? pc.green(state) : state === 'Failed' ? pc.red(state) : pc.yellow(state);

export function replaysText(replays: readonly Replay[]): string {
  if (replays.length === 0) return 'No replays.\n';
  const head = ['name', 'state', 'mode', 'selected', 'done', 'failed', 'by', 'reason'].map((text) => pc.dim(text));
  const rows = replays.map(({ name, state, mode, selected, done, failed, requestedBy, reason }) => [
    ...[cut(name, 24), colour(state), mode, String(selected), String(done), failed > 0 ? pc.red(String(failed)) : '0'],
    ...[cut(requestedBy, 12), cut(reason, 34)],
  ]);
  return `${columns([head, ...rows], [3, 4, 5]).join('\n')}\n`;
}

export function replayText({ name, state, mode, message, requestedBy, reason, approvals, createdAt }: Replay): string {
  const approved = approvals.length > 0 ? `, approved by ${approvals.join(', ')}` : '';
  const lines = [
    `${pc.bold(name)}  ${colour(state)}  ${mode}`,
    ...(message ? wrapped(message, 116, 4) : []),
    pc.dim(cut(`${dateTime(createdAt)} by ${requestedBy}${approved}: ${reason}`, 118)),
  ];
  if (state === 'AwaitingApproval') lines.push(`crossdock replay approve ${name} --by SOMEBODY-ELSE`);
  return `${lines.join('\n')}\n`;
}

export function itemsText({ selected }: Replay, items: readonly ReplayItem[]): string {
  if (items.length === 0) return '';
  const rows = items.map(({ document, type, destination, outcome, message }) => [
    ...[document.slice(0, 12), cut(type, 22), cut(destination || 'intake', 28)],
    ...[outcome === 'Delivered' || outcome === 'Selected' ? outcome : pc.yellow(outcome), cut(message, 42)],
  ]);
  const more = selected > items.length ? [pc.dim(`… and ${selected - items.length} more`)] : [];
  return `\n${[...columns(rows), ...more].join('\n')}\n`;
}

export function versionsText(versions: readonly MappingVersion[]): string {
  if (versions.length === 0) return 'No Mapping has made a document yet.\n';
  const head = ['mapping@version', 'documents', 'first', 'last'].map((text) => pc.dim(text));
  const rows = versions.map(({ mapping, hash, documents, firstAt, lastAt }) => [
    ...[`${mapping}@${hash.slice(0, 12)}`, String(documents), dateTime(firstAt), dateTime(lastAt)],
  ]);
  return `${columns([head, ...rows], [1]).join('\n')}\n`;
}
