/** Letters as people read them, within 120 columns. */
import pc from 'picocolors';
import type { Letter } from '../runtime/pipeline/letters.ts';
import type { Received } from '../runtime/pipeline/messages.ts';
import type { LetterGroup } from '../tracker/letters/contract.ts';
import { cut, dateTime, wrapped } from './text.ts';

export interface Group {
  class: string;
  code: string;
  /** `<integration>/<destination>`, `<integration>` or `intake`. */
  place: string;
  count: number;
  /** Epoch ms; absent where no letter says. */
  firstAt?: number;
  lastAt?: number;
  /** The newest letter's id and message. */
  example: { id: string; message: string };
}

export const placeOfLetter = ({ stage, integration, destination, returnTo }: Letter): string => {
  if (stage === 'intake') return 'intake';
  if (!integration) return returnTo || '(unknown)';
  return destination ? `${integration}/${destination}` : integration;
};

/** The largest first. */
export function groupsOf(letters: readonly Letter[]): Group[] {
  const groups = Map.groupBy(letters, (letter) => JSON.stringify([letter.class, letter.code, placeOfLetter(letter)]));
  return [...groups.values()]
    .map((members): Group => {
      const newest = members.reduce((a, b) => ((b.failedAt ?? 0) > (a.failedAt ?? 0) ? b : a));
      const times = members.flatMap(({ failedAt }) => (failedAt === undefined ? [] : [failedAt]));
      return {
        class: newest.class,
        code: newest.code,
        place: placeOfLetter(newest),
        count: members.length,
        ...(times.length > 0 && { firstAt: Math.min(...times), lastAt: Math.max(...times) }),
        example: { id: newest.id, message: newest.message },
      };
    })
    .sort((a, b) => b.count - a.count || (a.class < b.class ? -1 : 1));
}

/** Groups as the tracker knows them. */
export function fingerprintsText(groups: readonly LetterGroup[], parked: boolean): string {
  if (groups.length === 0) return parked ? 'Nothing is parked.\n' : 'No dead letters.\n';
  const lines: string[] = [];
  for (const {
    fingerprint,
    class: errorClass,
    code,
    destination,
    count,
    firstAt,
    lastAt,
    partners,
    example,
  } of groups) {
    const when = firstAt === lastAt ? dateTime(firstAt) : `${dateTime(firstAt)} to ${dateTime(lastAt)}`;
    const of = partners.length > 0 ? `, ${cut(partners.join(', '), 50)}` : '';
    lines.push(
      `${pc.red(String(count).padStart(5))}  ${pc.bold(errorClass)} ${cut(code, 32)}  at ${cut(destination || 'intake', 50)}`,
      ...wrapped(example.message, 110, 2).map((line) => `       ${line}`),
      `       ${pc.dim(`${fingerprint}  ${when}${of}`)}`,
    );
  }
  lines.push(
    '',
    pc.dim(
      `crossdock replay --group FINGERPRINT --dry-run --reason TEXT · crossdock dlq ${parked ? 'discard' : 'park | discard'} --group …`,
    ),
  );
  return `${lines.join('\n')}\n`;
}

export function listText(queue: string, letters: readonly Letter[], limit: number): string {
  if (letters.length === 0) return `No letters in ${queue}.\n`;
  const lines: string[] = [];
  for (const { class: errorClass, code, place, count, firstAt, lastAt, example } of groupsOf(letters)) {
    const when =
      firstAt === undefined
        ? ''
        : firstAt === lastAt
          ? dateTime(firstAt)
          : `${dateTime(firstAt)} to ${dateTime(lastAt!)}`;
    lines.push(
      `${pc.red(String(count).padStart(5))}  ${pc.bold(errorClass)} ${cut(code, 32)}  at ${cut(place, 50)}`,
      ...wrapped(example.message, 110, 2).map((line) => `       ${line}`),
      ...(when ? [`       ${pc.dim(when)}`] : []),
    );
  }
  lines.push('', pc.dim(`${'id'.padEnd(12)}  ${'failed at'.padEnd(19)}  ${'document'.padEnd(34)}  place`));
  for (const letter of letters.slice(0, limit))
    lines.push(
      `${letter.id}  ${(letter.failedAt === undefined ? '' : dateTime(letter.failedAt)).padEnd(19)}  ${cut(whatOf(letter), 34).padEnd(34)}  ${cut(placeOfLetter(letter), 49)}`,
    );
  if (letters.length > limit) lines.push(pc.dim(`… and ${letters.length - limit} more (--limit)`));
  lines.push('', pc.dim('crossdock dlq show ID · replay ID --reason TEXT · discard ID --reason TEXT'));
  return `${lines.join('\n')}\n`;
}

/** `ship-notice.v1 ASN-5-1`, or the file for what was never read. */
const whatOf = ({ type, keys, label, document }: Letter): string =>
  type ? `${type} ${Object.values(keys).flat()[0] ?? document.slice(0, 8)}` : label || document.slice(0, 12);

export function letterText(letter: Letter, message: Received): string {
  const { stage, class: errorClass, code, owner, failedAt, receivedAt, type, source, origin, keys, epoch } = letter;
  const facts: [string, string][] = [
    ['why', `${errorClass} ${code}`],
    ['', letter.message],
    ['where', `${placeOfLetter(letter)} (${stage}); a replay goes to ${letter.returnTo || 'nowhere'}`],
    ['when', failedAt === undefined ? 'not known' : dateTime(failedAt)],
    ...(owner ? [['owner', owner] as [string, string]] : []),
    ['document', stage === 'intake' ? `not read yet; received as ${letter.label || letter.document}` : letter.document],
    ...(type ? [['type', type] as [string, string]] : []),
    ['from', stage === 'intake' ? source : `${origin} ${source}`],
    ...(receivedAt === undefined ? [] : [['received', dateTime(receivedAt)] as [string, string]]),
    ...Object.entries(keys).map(([name, values]): [string, string] => [name, cut(values.join(', '), 300)]),
    ...(letter.only
      ? [['transactions', `${letter.only.map((n) => n + 1).join(', ')} of the file`] as [string, string]]
      : []),
    ...(epoch > 0 ? [['replayed', `${epoch} times before`] as [string, string]] : []),
    ...(letter.keyRevision ? [['key revision', String(letter.keyRevision)] as [string, string]] : []),
    ['body', `${message.body.length} bytes of ${message.contentType || 'no content type'}`],
  ];
  const lines = facts.flatMap(([name, value]) =>
    wrapped(value, 104, 6).map((line, index) => `${pc.dim((index === 0 ? name : '').padEnd(13))} ${line}`),
  );
  return `${pc.bold(letter.id)}\n${lines.join('\n')}\n\n${bodyText(message.body)}\n`;
}

const MAX_BODY = 16_384;

/** JSON indented, text as it is, else what it begins with. */
function bodyText(body: Buffer): string {
  const text = body.toString();
  if (text.includes('\ufffd') || text.includes('\0'))
    return `${pc.dim('binary, begins with')} ${body.subarray(0, 64).toString('hex')}`;
  let readable = text;
  try {
    readable = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Not JSON, or not valid: as it is.
  }
  return readable.length <= MAX_BODY
    ? readable
    : `${readable.slice(0, MAX_BODY)}\n${pc.dim(`… ${readable.length - MAX_BODY} more characters: --body gives all`)}`;
}
