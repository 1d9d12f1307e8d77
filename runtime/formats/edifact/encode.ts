/** Messages as lists of segments to EDIFACT text: envelope, counts, release characters. Pure: the time is passed in. */
import type { Problem } from '../format.ts';
import type { EdifactValue } from './decode.ts';
import { defaultCharacters, type ServiceCharacters } from './scan.ts';

export interface EdifactEnvelope {
  /** `qualifier` empty: none is written. */
  sender: { qualifier: string; value: string };
  receiver: { qualifier: string; value: string };
  usage: 'Production' | 'Test';
  /** UNB01, e.g. `UNOC:3`. */
  syntax: string;
  /** UNB05. */
  control: string;
  /** Written in UTC. */
  at: Date;
  /** Default those of ISO 9735; others are announced by a UNA. */
  characters?: ServiceCharacters;
  /** After each segment; default none. */
  lineBreak?: string;
}
export interface OutgoingMessage {
  /** UNH02: `ORDERS:D:96A:UN:EAN008`. */
  type: string;
  /** UNH01; default 1, 2 … */
  control?: string;
  value: unknown;
}

/** Never throws. An Error in `problems` means: do not send this text. */
export function encodeEdifact(
  envelope: EdifactEnvelope,
  messages: OutgoingMessage[],
): { text: string; problems: Problem[] } {
  const problems: Problem[] = [];
  const characters = envelope.characters ?? defaultCharacters;
  const { element, component, segment: end, decimal, release, repetition } = characters;
  const special = new Set([element, component, end, release, ...(repetition === ' ' ? [] : [repetition])]);
  const fail = (message: string, path?: string): void => {
    problems.push({
      code: path === undefined ? 'edifact.Envelope' : 'edifact.InvalidValue',
      severity: 'Error',
      message,
      place: path === undefined ? {} : { path },
    });
  };
  if (special.size < 4 || [...special].some((char) => char.length !== 1))
    fail('service characters are single characters that differ from each other');
  const released = (text: string): string =>
    Array.from(text, (char) => (special.has(char) ? release + char : char)).join('');
  const lines: string[] = [];
  const write = (id: string, elements: string[][]): void => {
    const texts = elements.map((parts) => trimmed(parts).map(released).join(component));
    lines.push([id, ...trimmed(texts)].join(element) + end);
  };

  const stamp = envelope.at.toISOString().replaceAll(/[-:T]/g, '');
  const party = (name: string, { qualifier, value }: { qualifier: string; value: string }): string[] => {
    if (value.trim() === '' || value.length > 35)
      fail(`the ${name} ${JSON.stringify(value)} is not 1 to 35 characters`);
    return qualifier === '' ? [value] : [value, qualifier];
  };
  if (envelope.control === '' || envelope.control.length > 14)
    fail(`the control reference ${JSON.stringify(envelope.control)} is not 1 to 14 characters`);
  if (messages.length === 0) fail('there is no message to send');
  const date = envelope.syntax.endsWith(':4') ? stamp.slice(0, 8) : stamp.slice(2, 8);
  write('UNB', [
    envelope.syntax.split(':'),
    party('sender', envelope.sender),
    party('receiver', envelope.receiver),
    [date, stamp.slice(8, 12)],
    [envelope.control],
    [],
    [],
    [],
    [],
    [],
    envelope.usage === 'Test' ? ['1'] : [],
  ]);
  for (const [index, message] of messages.entries()) {
    const control = message.control ?? String(index + 1);
    const first = lines.length;
    write('UNH', [[control], message.type.split(':')]);
    const segments = (message.value as Partial<EdifactValue> | null)?.segments;
    if (!Array.isArray(segments)) fail('the value of a message is {segments: [{id, elements}]}', `/${index}`);
    else
      for (const [i, segment] of segments.entries()) {
        const elements = elementsOf(segment);
        if (elements) write((segment as { id: string }).id, elements);
        else fail('a segment is {id: "BGM", elements: [["220"], ["PO-1"]]}', `/${index}/segments/${i}`);
      }
    write('UNT', [[String(lines.length - first + 1)], [control]]);
  }
  write('UNZ', [[String(messages.length)], [envelope.control]]);
  const una = envelope.characters ? `UNA${component}${element}${decimal}${release}${repetition}${end}` : '';
  const all = una ? [una, ...lines] : lines;
  return { text: all.map((line) => line + (envelope.lineBreak ?? '')).join(''), problems };
}

/** A component alone may stand for an element of one; numbers are written plainly. */
function elementsOf(segment: unknown): string[][] | undefined {
  if (typeof segment !== 'object' || segment === null) return undefined;
  const { id, elements } = segment as { id?: unknown; elements?: unknown };
  if (typeof id !== 'string' || !/^[A-Z]{3}$/.test(id) || !Array.isArray(elements)) return undefined;
  const texts = elements.map((parts) => (Array.isArray(parts) ? parts : [parts]).map(textOf));
  return texts.some((parts) => parts.includes(undefined)) ? undefined : (texts as string[][]);
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

function trimmed<T extends string>(texts: T[]): T[] {
  let length = texts.length;
  while (length > 0 && texts[length - 1] === '') length--;
  return texts.slice(0, length);
}
