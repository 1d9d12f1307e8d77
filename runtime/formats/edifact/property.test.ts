import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutate, randomOf } from '../x12/testdata/mutate.ts';
import { isAnswered, readSyntaxAcknowledgment, syntaxAcknowledgment } from './acknowledge.ts';
import { decodeEdifact, type EdifactDecoded } from './decode.ts';
import { encodeEdifact } from './encode.ts';
import { kindOf } from './problem.ts';
import { directoryFor } from './schema/index.ts';
import type { ElementDef, GroupDef, SegmentDef } from './schema/schema.ts';
import { again, allCodes, wrap } from './testdata/build.ts';

type Value = Record<string, unknown>;

const envelope = {
  sender: { qualifier: '14', value: '4012345000009' },
  receiver: { qualifier: '', value: 'B+C' },
  usage: 'Production' as const,
  syntax: 'UNOC:3',
  control: '1',
  at: new Date('2026-11-23T12:05:00Z'),
};

function scalarOf({ type, min, max }: ElementDef): fc.Arbitrary<string> {
  const unit = type === 'n' ? '0123456789' : type === 'a' ? 'ABC' : "ABxy01 .-?+:'*ä";
  return fc
    .string({ unit: fc.constantFrom(...unit), minLength: min, maxLength: Math.min(max, min + 8) })
    .filter((text) => text.trim() !== '');
}
function partsOf(
  elements: ElementDef[],
  arbitrary: (element: ElementDef) => fc.Arbitrary<unknown>,
): fc.Arbitrary<Value> {
  const parts = elements.map((element) =>
    element.required ? arbitrary(element) : fc.option(arbitrary(element), { nil: undefined, freq: 2 }),
  );
  return fc
    .tuple(...parts)
    .map((found) =>
      Object.fromEntries(
        elements.map((element, i) => [element.key, found[i]]).filter(([, part]) => part !== undefined),
      ),
    );
}
const elementOf = (element: ElementDef): fc.Arbitrary<unknown> => {
  if (element.type !== 'composite') return scalarOf(element);
  if (element.reference === 'C507')
    return fc.constant({ [`${element.key}01`]: '137', [`${element.key}02`]: '20261123', [`${element.key}03`]: '102' });
  return partsOf(element.components, scalarOf).filter((value) => Object.keys(value).length > 0);
};
const segmentOf = (segment: SegmentDef): fc.Arbitrary<Value> => partsOf(segment.elements, elementOf);

function groupOf(group: GroupDef, depth: number): fc.Arbitrary<Value> {
  const parts: Record<string, fc.Arbitrary<unknown>> = {};
  for (const use of group.uses) {
    const item = use.group ? groupOf(use.group, depth + 1) : segmentOf(use.segment);
    const value = use.max > 1 || use.group ? fc.array(item, { minLength: 1, maxLength: Math.min(use.max, 2) }) : item;
    const left = fc.constant(undefined);
    parts[use.key] = use.required
      ? value
      : fc.oneof({ weight: 2 + depth * 3, arbitrary: left }, { weight: 1, arbitrary: value });
  }
  return fc
    .record(parts)
    .map((value) => Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)));
}

describe.each(['96A', '99B', '01B'])('D.%s: decode(encode(value)) = value', (release) => {
  const directory = directoryFor(release);
  it.each(directory.messages().map(({ id }) => [id]))('%s', (id) => {
    const type = `${id}:D:${release}:UN`;
    fc.assert(
      fc.property(groupOf(directory.message(id)!.root, 0), (value) => {
        const encoded = encodeEdifact(envelope, [{ type, value }]);
        expect(encoded.problems).toEqual([]);
        const decoded = decodeEdifact(encoded.bytes);
        expect(allCodes(decoded)).toEqual([]);
        const { UNH: _unh, UNT: _unt, ...read } = decoded.interchanges[0]!.groups[0]!.transactions[0]!.value as Value;
        expect(read).toEqual(value);
        expect(again(encoded.bytes).text).toBe(encoded.text);
      }),
      { numRuns: 10 },
    );
  });
});

const folder = new URL('testdata/', import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.edi'))
  .map((name) => readFileSync(new URL(name, folder)));

/** What holds for any bytes. */
function check(bytes: Buffer): EdifactDecoded {
  const decoded = decodeEdifact(bytes);
  const problems = [...decoded.problems];
  for (const interchange of decoded.interchanges) {
    problems.push(...interchange.problems);
    for (const group of interchange.groups)
      problems.push(...group.problems, ...group.transactions.flatMap((message) => message.problems));
    // Every interchange can be answered, and the answer read.
    const answer = readSyntaxAcknowledgment(
      syntaxAcknowledgment({ ...interchange, control: interchange.control || 'X' }),
    );
    expect(answer).toBeDefined();
    isAnswered(interchange);
    // Whatever came in can be given to the encoder, which answers with text or problems.
    const messages = interchange.groups.flatMap(({ transactions }) => transactions);
    encodeEdifact({ ...envelope, syntax: interchange.version, characters: interchange.characters }, messages);
  }
  expect(decoded.interchanges.length + decoded.problems.length).toBeGreaterThan(0);
  for (const { code, place } of problems) {
    expect(kindOf(code)).toBeDefined();
    if (place.byte !== undefined) expect(place.byte).toBeLessThanOrEqual(bytes.length);
  }
  return decoded;
}

/** Of this process: others on the machine do not count. */
function cpuMillis(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

describe('any bytes', () => {
  it('give values or problems', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        (bytes) => void check(Buffer.concat([Buffer.from('UNB+'), bytes])),
      ),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void check(Buffer.from(bytes))));
  });

  it('damaged files give values or problems', () => {
    const random = randomOf(7);
    for (let run = 0; run < 1500; run++) {
      const bytes = mutate(files[random(files.length)]!, random);
      try {
        const start = cpuMillis();
        check(bytes);
        expect(cpuMillis() - start).toBeLessThan(1000);
      } catch (error) {
        throw new Error(`run ${run}: ${JSON.stringify(bytes.toString('latin1'))}`, { cause: error });
      }
    }
  });

  it.each([
    ['headers without end', "UNB+'".repeat(3e5)],
    ['characters announced without end', "UNA:+.? '".repeat(3e5)],
    ['one segment without end', wrap('ORDERS:D:96A:UN', ['RFF+'.repeat(1e6)])],
    ['empty segments', wrap('ORDERS:D:96A:UN', ["'".repeat(5e5)])],
    ['components without end', wrap('ORDERS:D:96A:UN', [`BGM+${':'.repeat(1e6)}`])],
    ['repetitions without end', wrap('ORDERS:D:96A:UN', [`BGM+${'*'.repeat(3e5)}`], 'UNOC:4')],
    ['releases only', `UNB+${'?'.repeat(4e6)}`],
    ['line breaks only', '\n'.repeat(4e6)],
  ])('%s: bounded', (_, text) => {
    const start = cpuMillis();
    decodeEdifact(Buffer.from(text));
    expect(cpuMillis() - start).toBeLessThan(4000);
  });
});

describe('nothing is dropped', () => {
  const leaves = (value: unknown, key = ''): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, part]) =>
          name === 'position' || name === 'id' ? [] : leaves(part, name),
        )
      : key === ''
        ? []
        : [String(value)];

  it('every component of a disordered message is in its value', () => {
    const segments = files
      .flatMap((bytes) => bytes.toString('latin1').split("'\n"))
      .filter((line) => /^(?!UN[ABHTZ])[A-Z]{3}\+[^?*,]*$/.test(line));
    fc.assert(
      fc.property(
        fc.shuffledSubarray(segments, { minLength: 1 }),
        fc.constantFrom('ORDERS', 'DESADV', 'INVOIC', 'PRICAT'),
        (chosen, id) => {
          const { interchanges } = decodeEdifact(Buffer.from(wrap(`${id}:D:96A:UN`, chosen), 'latin1'));
          const { UNH: _unh, UNT: _unt, ...rest } = interchanges[0]!.groups[0]!.transactions[0]!.value as Value;
          const want = chosen.flatMap((line) => line.split(/[+:]/).slice(1));
          expect(leaves(rest).filter(Boolean).sort()).toEqual(want.filter(Boolean).sort());
        },
      ),
      { numRuns: 300 },
    );
  });
});
