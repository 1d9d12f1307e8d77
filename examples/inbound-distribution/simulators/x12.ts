/**
 * Just enough X12 4010 for a supplier, written apart from Crossdock's own codec: an error there must not be mirrored here.
 */
export type Segment = readonly string[];

export interface Envelope {
  sender: string;
  receiver: string;
  control: number;
  /** GS01: PR (855), SH (856), IN (810). */
  functionalId: string;
}

const compact = (iso: string): string => iso.replaceAll('-', '');

/** One interchange with one group of transactions, each a list of segments without ST and SE. */
export function writeInterchange(
  envelope: Envelope,
  id: string,
  transactions: readonly Segment[][],
  date: string,
): string {
  const { sender, receiver, control, functionalId } = envelope;
  const number = String(control).padStart(9, '0');
  const day = compact(date);
  const segments: Segment[] = [
    [
      'ISA',
      '00',
      ' '.repeat(10),
      '00',
      ' '.repeat(10),
      'ZZ',
      sender.padEnd(15),
      'ZZ',
      receiver.padEnd(15),
      day.slice(2),
      '1015',
      'U',
      '00401',
      number,
      '0',
      'P',
      '>',
    ],
    ['GS', functionalId, sender, receiver, day, '1015', String(control), 'X', '004010'],
    ...transactions.flatMap((body, i): Segment[] => {
      const st = String(i + 1).padStart(4, '0');
      return [['ST', id, st], ...body, ['SE', String(body.length + 2), st]];
    }),
    ['GE', String(transactions.length), String(control)],
    ['IEA', '1', number],
  ];
  return segments.map((segment) => `${trimmed(segment).join('*')}~\n`).join('');
}
/** Trailing empty elements are left out, as the standard wants. */
function trimmed(segment: Segment): Segment {
  let end = segment.length;
  while (segment[end - 1] === '') end -= 1;
  return segment.slice(0, end);
}

export interface ReadTransaction {
  id: string;
  segments: Segment[];
}
export interface ReadInterchange {
  sender: string;
  receiver: string;
  control: string;
  transactions: ReadTransaction[];
}

/** Strict: throws with a sentence on anything that a careful supplier would send back. */
export function readInterchange(text: string): ReadInterchange {
  const must = (condition: boolean, complaint: string): void => {
    if (!condition) throw new Error(complaint);
  };
  must(text.startsWith('ISA') && text.length > 106, 'no ISA segment of 106 characters');
  const element = text.charAt(3);
  const terminator = text.charAt(105);
  const segments = text
    .split(terminator)
    .map((segment) => segment.replace(/^[\r\n]+/, ''))
    .filter((segment) => segment !== '')
    .map((segment) => segment.split(element));
  const [isa, ...rest] = segments as [string[], ...string[][]];
  must(isa.length === 17, `ISA has ${isa.length - 1} elements`);
  must(
    isa.every((value, i) => i === 0 || value.length === [0, 2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1][i]),
    'an ISA element has a wrong length',
  );
  must(isa[12] === '00401', `ISA12 is ${isa[12]}`);
  const iea = rest.pop();
  must(iea?.[0] === 'IEA' && iea[2] === isa[13], 'IEA is missing or its number is not that of ISA');
  const transactions: ReadTransaction[] = [];
  let groups = 0;
  let group: string[] | undefined;
  let inGroup = 0;
  let open: { id: string; control: string; segments: string[][] } | undefined;
  for (const segment of rest) {
    const [tag] = segment;
    if (tag === 'GS') {
      group = segment;
      groups += 1;
      inGroup = 0;
    } else if (tag === 'GE') {
      must(
        segment[1] === String(inGroup) && segment[2] === group?.[6],
        `GE ${segment.join(element)} does not close ${group?.join(element)}`,
      );
      group = undefined;
    } else if (tag === 'ST') {
      must(group !== undefined && open === undefined, 'ST outside a group or inside a transaction');
      open = { id: segment[1] ?? '', control: segment[2] ?? '', segments: [] };
    } else if (tag === 'SE') {
      must(open !== undefined, 'SE without ST');
      must(
        segment[1] === String((open?.segments.length ?? 0) + 2),
        `SE counts ${segment[1]}, there are ${(open?.segments.length ?? 0) + 2} segments`,
      );
      must(segment[2] === open?.control, `SE has number ${segment[2]}, ST has ${open?.control}`);
      if (open) transactions.push({ id: open.id, segments: open.segments });
      inGroup += 1;
      open = undefined;
    } else {
      must(open !== undefined, `${tag} outside a transaction`);
      open?.segments.push(segment);
    }
  }
  must(open === undefined && group === undefined, 'a transaction or group is not closed');
  must(iea?.[1] === String(groups), `IEA counts ${iea?.[1]} groups, there are ${groups}`);
  return { sender: (isa[6] ?? '').trim(), receiver: (isa[8] ?? '').trim(), control: isa[13] ?? '', transactions };
}
