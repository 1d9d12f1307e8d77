/** Messages to EDIFACT: envelope, counts, release characters, character set. Pure: the time is passed in. */
import type { Problem } from '../format.ts';
import { bytesOf } from './charset.ts';
import { kinds } from './problem.ts';
import { defaultCharacters, type ServiceCharacters } from './scan.ts';
import { directoryFor } from './schema/index.ts';
import { MessageWriter, released, specialOf } from './write.ts';

export interface EdifactEnvelope {
  /** `qualifier` empty: none is written. */
  sender: { qualifier: string; value: string };
  receiver: { qualifier: string; value: string };
  usage: 'Production' | 'Test';
  /** UNB01, e.g. `UNOC:3`: decides the character set, and whether elements may repeat (`:4`). */
  syntax: string;
  /** UNB05. */
  control: string;
  /** Written in UTC. */
  at: Date;
  /** UNB07, e.g. `ORDERS`. */
  application?: string;
  /** Default those of ISO 9735; others are announced by a UNA. */
  characters?: ServiceCharacters;
  /** UNB as it was read: what the rest does not say is taken from it (UNB0203, UNB0303, UNB06 … UNB11, the form of the date). */
  unb?: string[][];
  /** After each segment; default none. */
  lineBreak?: string;
}
export interface OutgoingMessage {
  /** UNH02: `ORDERS:D:96A:UN:EAN008`. */
  type: string;
  /** UNH01; default 1, 2 … */
  control?: string;
  /** A group begins with this message: the elements of its UNG. */
  ung?: string[][];
  value: unknown;
}
export interface EncodedEdifact {
  text: string;
  /** The text in the character set of the syntax identifier. */
  bytes: Buffer;
  /**
   * An Error means: do not send this. Warnings say what is against the table but was written as it was. `place.path` is the JSON pointer
   * in the value, after the index of the message: `/0/SG25/2/QTY/0`.
   */
  problems: Problem[];
}

/** One interchange; with functional groups where messages ask for them. Never throws for any value. */
export function encodeEdifact(envelope: EdifactEnvelope, messages: OutgoingMessage[]): EncodedEdifact {
  const problems: Problem[] = [];
  const fail = (message: string): void => {
    problems.push({ code: 'edifact.Envelope', severity: 'Error', message, place: {} });
  };
  const characters = checkedCharacters(envelope, fail);
  const { element, component, segment: end, release } = characters;
  const special = specialOf(characters);
  const inEnvelope = (text: string): string => released(text, special, release);

  const joined = (parts: string[]): string => {
    const end = parts.findLastIndex((part) => part !== '') + 1;
    return parts.slice(0, end).map(inEnvelope).join(component);
  };

  const at = envelope.at.toISOString();
  const stamp = at.slice(0, 4) + at.slice(5, 7) + at.slice(8, 10) + at.slice(11, 13) + at.slice(14, 16);
  const party = (name: string, { qualifier, value }: { qualifier: string; value: string }): string => {
    if (value.trim() === '' || value.length > 35)
      fail(`the ${name} ${JSON.stringify(value)} is not 1 to 35 characters`);
    const parts = [value, qualifier, ...(envelope.unb?.[name === 'sender' ? 1 : 2]?.slice(2) ?? [])];
    return joined(parts);
  };
  if (!/^[A-Z]{4}:[1-4]$/.test(envelope.syntax))
    fail(`the syntax ${JSON.stringify(envelope.syntax)} is not like UNOC:3`);
  if (envelope.control === '' || envelope.control.length > 14)
    fail(`the control reference ${JSON.stringify(envelope.control)} is not 1 to 14 characters`);
  if (messages.length === 0) fail('there is no message to send');
  const whole = envelope.syntax.endsWith(':4') || envelope.unb?.[3]?.[0]?.length === 8;
  const date = whole ? stamp.slice(0, 8) : stamp.slice(2, 8);
  const rest = Array.from({ length: 6 }, (_, i) => joined(envelope.unb?.[i + 5] ?? []));
  if (envelope.application !== undefined) rest[1] = inEnvelope(envelope.application);
  rest[5] = envelope.usage === 'Test' ? '1' : '';
  const header = [
    'UNB',
    envelope.syntax.replace(':', component),
    party('sender', envelope.sender),
    party('receiver', envelope.receiver),
    date + component + stamp.slice(8, 12),
    inEnvelope(envelope.control),
    ...rest,
  ];
  while (header.at(-1) === '') header.pop();
  const lines: string[] = [header.join(element)];
  let group: { reference: string; messages: number } | undefined;
  let groups = 0;
  const closeGroup = (): void => {
    if (group) lines.push(`UNE${element}${group.messages}${element}${inEnvelope(group.reference)}`);
  };
  for (const [index, message] of messages.entries()) {
    if (message.ung) {
      closeGroup();
      lines.push(['UNG', ...message.ung.map(joined)].join(element));
      group = { reference: message.ung[4]?.[0] ?? '', messages: 0 };
      groups++;
    }
    if (group) group.messages++;
    const control = message.control ?? String(index + 1);
    if (control === '' || control.length > 14)
      fail(`the message reference ${JSON.stringify(control)} is not 1 to 14 characters`);
    const [id = '', , directoryName = ''] = message.type.split(':');
    const directory = directoryFor(directoryName);
    const writer = new MessageWriter(directory, characters, `/${index}`);
    writer.write(message.type, control, directory.message(id), message.value);
    for (const line of writer.lines) lines.push(line);
    problems.push(...writer.problems);
  }
  closeGroup();
  lines.push(`UNZ${element}${groups || messages.length}${element}${inEnvelope(envelope.control)}`);
  const { decimal } = characters;
  // Before version 4 the fifth character means nothing, and stays as it is.
  const fifth = characters.repetition === ' ' ? envelope.characters?.repetition : characters.repetition;
  const una = envelope.characters ? `UNA${component}${element}${decimal}${release}${fifth}${end}` : '';
  const lineBreak = envelope.lineBreak ?? '';
  const text = `${una ? una + lineBreak : ''}${lines.join(end + lineBreak)}${end}${lineBreak}`;
  return { text, bytes: inCharset(text, envelope.syntax, problems), problems };
}

function inCharset(text: string, syntax: string, problems: Problem[]): Buffer {
  const { bytes, bad, lost } = bytesOf(text, syntax);
  const shown = (chars: string[]): string => JSON.stringify(chars.slice(0, 10).join(''));
  const code = 'edifact.InvalidCharacter';
  if (lost.length > 0) {
    const message = `${syntax} cannot hold ${shown(lost)}: use UNOC or, for all characters, UNOY`;
    problems.push({ code, severity: 'Error', message, place: {} });
  } else if (bad.length > 0) {
    const message = `${shown(bad)} are no characters of ${syntax}: they were written all the same`;
    problems.push({ code, severity: kinds[code].severity, message, place: {} });
  }
  return bytes;
}

function checkedCharacters(envelope: EdifactEnvelope, fail: (message: string) => void): ServiceCharacters {
  const given = envelope.characters ?? defaultCharacters;
  const repeats = envelope.syntax.endsWith(':4');
  // Without a UNA, version 4 repeats by an asterisk.
  const repetition = !repeats ? ' ' : given.repetition === ' ' ? '*' : given.repetition;
  const { component, element, release, segment } = given;
  const used = [component, element, release, segment, ...(repetition === ' ' ? [] : [repetition])];
  if (new Set(used).size < used.length || used.some((char) => char.length !== 1 || /[A-Za-z0-9 ]/.test(char)))
    fail('service characters are single signs that differ from each other');
  return { ...given, repetition };
}
