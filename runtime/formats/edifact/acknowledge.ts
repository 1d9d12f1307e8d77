/** CONTRL: the answer to an interchange that came in, and the meaning of one that we received. */
import type { Problem } from '../format.ts';
import { listOf, objectOf, textOf, type Value } from '../value.ts';
import type { EdifactInterchange, EdifactMessage } from './decode.ts';
import { type EdifactProblem, kindOf } from './problem.ts';

export interface SyntaxAcknowledgment {
  /** UCI01: the interchange of ours that it answers. */
  control: string;
  /** `Received`: it came in and is not judged yet. */
  status: 'Accepted' | 'Rejected' | 'Received';
  /** Those that the partner names; the others share the interchange's fate. */
  messages: AcknowledgedMessage[];
  /** In words, of the interchange. */
  errors: string[];
}
export interface AcknowledgedMessage {
  /** UCM01, UCM0201. */
  control: string;
  id: string;
  status: 'Accepted' | 'Rejected';
  /** In words, one per UCS and UCD. */
  errors: string[];
}

/** UNH02 of the CONTRL that we send. */
export const CONTRL = 'CONTRL:D:3:UN';
/** The standard leaves room for 999 segments and 99 elements of each. */
const SEGMENTS = 999;
const ELEMENTS = 99;

/** A CONTRL must never be answered, nor an interchange that holds nothing else. */
export const isAnswered = ({ groups }: EdifactInterchange): boolean =>
  groups.some(({ transactions }) => transactions.length === 0 || transactions.some(({ id }) => id !== 'CONTRL'));

/**
 * Value of a CONTRL for `encodeEdifact` with the type `CONTRL`. Errors of the interchange reject all of it (4); else it is
 * acknowledged (7) and the messages that have Errors are rejected by name: CONTRL knows no acceptance with errors.
 * Apply the partner's `envelopeErrors` before.
 */
export function syntaxAcknowledgment(interchange: EdifactInterchange): Value {
  const { sender, receiver, control } = interchange;
  const groupErrors = interchange.groups.flatMap(({ problems }) => problems);
  const errors = [...interchange.problems, ...groupErrors].filter(isError);
  const rejected = interchange.groups
    .flatMap(({ transactions }) => transactions)
    .filter(({ problems }) => problems.some(isError));
  const party = (key: string, { qualifier, value }: { qualifier: string; value: string }): Value => ({
    [`${key}01`]: value,
    ...(qualifier !== '' && { [`${key}02`]: qualifier }),
  });
  return {
    UCI: {
      UCI01: control,
      UCI02: party('UCI02', sender),
      UCI03: party('UCI03', receiver),
      ...(errors.length > 0 ? { UCI04: '4', UCI05: codeOf(errors[0]!) ?? '18' } : { UCI04: '7' }),
    },
    ...(errors.length === 0 && rejected.length > 0 && { SG1: rejected.map(reject) }),
  };
}

const isError = ({ severity }: Problem): boolean => severity === 'Error';
const codeOf = ({ code }: Problem): string | undefined => kindOf(code)?.syntax;

function reject({ control, type, problems }: EdifactMessage): Value {
  const names = type.split(':').slice(0, 5);
  const UCM: Value = {
    UCM01: control,
    UCM02: Object.fromEntries(names.map((name, i) => [`UCM020${i + 1}`, name]).filter(([, name]) => name !== '')),
    UCM03: '4',
  };
  const bySegment = new Map<string, { UCS: Value; UCD?: Value[] }>();
  for (const problem of problems as EdifactProblem[]) {
    const code = codeOf(problem);
    if (code === undefined) continue;
    // Errors of the message itself: its counts and references.
    if (!problem.syntax || problem.syntax.position === 0) UCM.UCM04 ??= code;
    else note(bySegment, code, problem.syntax);
  }
  if (bySegment.size > 0) return { UCM, SG2: [...bySegment.values()].slice(0, SEGMENTS) };
  UCM.UCM04 ??= '18';
  return { UCM };
}

/** One UCS per segment and its error, those of its elements under one of no error. */
function note(
  bySegment: Map<string, { UCS: Value; UCD?: Value[] }>,
  code: string,
  { position, element, component }: NonNullable<EdifactProblem['syntax']>,
): void {
  const key = element ? `${position}` : `${position} ${code}`;
  let entry = bySegment.get(key);
  if (!entry) {
    entry = { UCS: { UCS01: String(position), ...(!element && { UCS02: code }) } };
    bySegment.set(key, entry);
  }
  if (!element) return;
  entry.UCD ??= [];
  if (entry.UCD.length >= ELEMENTS) return;
  const UCD02: Value = { UCD0201: String(element) };
  if (component) UCD02.UCD0202 = String(component);
  entry.UCD.push({ UCD01: code, UCD02 });
}

/** 0085. */
const SYNTAX_ERRORS: Record<string, string> = {
  2: 'syntax version or level not supported',
  7: 'we are not the recipient',
  12: 'invalid value',
  13: 'missing',
  14: 'value not supported here',
  15: 'not supported here',
  16: 'too many constituents',
  17: 'no agreement',
  18: 'unspecified error',
  19: 'invalid decimal notation',
  20: 'character not allowed as service character',
  21: 'invalid characters',
  22: 'invalid service characters',
  23: 'unknown interchange sender',
  24: 'too old',
  25: 'test indicator not supported',
  26: 'duplicate',
  27: 'security function not supported',
  28: 'references do not match',
  29: 'control count does not match',
  30: 'groups and messages mixed',
  31: 'more than one message type in a group',
  32: 'lower level empty',
  33: 'stands outside of a message or group',
  34: 'nesting indicator not allowed',
  35: 'segment occurs too often',
  36: 'segment group occurs too often',
  37: 'invalid type of characters',
  38: 'digit before the decimal mark missing',
  39: 'too long',
  40: 'too short',
};
const worded = (code: string): string => SYNTAX_ERRORS[code] ?? `code ${code}`;

/** Reads the value of a decoded CONTRL; undefined when it is none (no UCI). Actions that are not known reject. */
export function readSyntaxAcknowledgment(value: unknown): SyntaxAcknowledgment | undefined {
  const root = objectOf(value);
  const uci = objectOf(root.UCI);
  const control = textOf(uci.UCI01);
  if (control === '') return undefined;
  const action = textOf(uci.UCI04);
  const groups = listOf(root.SG3);
  const messages = [...listOf(root.SG1), ...groups.flatMap((group) => listOf(group.SG4))].map(readMessage);
  return {
    control,
    status: action === '8' ? 'Received' : statusOf(action),
    messages,
    errors: [...errorsIn(uci, 'UCI'), ...groups.flatMap((group) => errorsIn(objectOf(group.UCF), 'UCF'))],
  };
}

/** 7: acknowledged, with what is below it; 4: rejected. */
const statusOf = (action: string): 'Accepted' | 'Rejected' => (action === '7' ? 'Accepted' : 'Rejected');

function readMessage(entry: Value): AcknowledgedMessage {
  const ucm = objectOf(entry.UCM);
  const errors = errorsIn(ucm, 'UCM');
  for (const segment of listOf(entry.SG2 ?? entry.SG5)) {
    const ucs = objectOf(segment.UCS);
    const where = `segment ${textOf(ucs.UCS01)}`;
    if (textOf(ucs.UCS02) !== '') errors.push(`${where}: ${worded(textOf(ucs.UCS02))}`);
    for (const ucd of listOf(segment.UCD)) {
      const { UCD0201, UCD0202 } = objectOf(ucd.UCD02);
      const component = textOf(UCD0202) === '' ? '' : `, component ${textOf(UCD0202)}`;
      errors.push(`${where}, element ${textOf(UCD0201)}${component}: ${worded(textOf(ucd.UCD01))}`);
    }
  }
  return {
    control: textOf(ucm.UCM01),
    id: textOf(objectOf(ucm.UCM02).UCM0201),
    status: statusOf(textOf(ucm.UCM03)),
    errors,
  };
}

/** UCI, UCF and UCM: an error, perhaps in one of the header's or trailer's segments. */
function errorsIn(segment: Value, id: string): string[] {
  const [code, where] = id === 'UCM' ? ['UCM04', 'UCM05'] : id === 'UCI' ? ['UCI05', 'UCI06'] : ['UCF05', 'UCF06'];
  const error = textOf(segment[code]);
  const place = textOf(segment[where]);
  return error === '' ? [] : [`${place === '' ? '' : `${place}: `}${worded(error)}`];
}
